package dev.longshore.cli;

import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Does a little of everything, so that the launcher can make the AOT cache of what that loads. */
@Command(name = "train", hidden = true, description = "Used by the launcher to make the AOT cache.")
final class TrainCommand implements Callable<Integer> {
  private static final int ROUNDS = 50;

  @Override
  public Integer call() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    DataPlaneOptions options =
        new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.AUTO);
    Path folder = Files.createTempDirectory("longshore-train");
    PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try (Demo demo =
            new Demo(
                Build.home().resolve("deploy/samples"), folder, List.of(0, 0), options, quiet);
        HttpClient client = HttpClient.newHttpClient()) {
      int port = demo.standalone().dataPlane().boundHttp().getFirst().getPort();
      for (int i = 0; i < ROUNDS && get(client, port, "/demo/status") != 200; i++) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
      get(client, port, "/websocket");
      echo(client, port);
      Path route = folder.resolve("websocket.yaml");
      Files.writeString(route, Files.readString(route).replace("name: socket", "name: sockets"));
      TimeUnit.MILLISECONDS.sleep(200);
      echo(client, port);
      demo.standalone().shutdown().get(20, TimeUnit.SECONDS);
    } finally {
      remove(folder);
    }
    return 0;
  }

  private static int get(HttpClient client, int port, String path)
      throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private static void echo(HttpClient client, int port) throws InterruptedException {
    CountDownLatch messages = new CountDownLatch(ROUNDS + 1);
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + port + "/websocket"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence data, boolean last) {
                    messages.countDown();
                    from.request(1);
                    return null;
                  }
                })
            .join();
    for (int i = 0; i < ROUNDS; i++) {
      socket.sendText("message " + i, true).join();
    }
    if (messages.await(10, TimeUnit.SECONDS)) {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
