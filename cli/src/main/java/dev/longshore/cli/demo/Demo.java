package dev.longshore.cli.demo;

import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.standalone.Reports;
import dev.longshore.cli.standalone.Standalone;
import dev.longshore.cli.standalone.StandaloneCommand;
import dev.longshore.cli.standalone.VerdictReport;
import dev.longshore.proxy.DataPlaneOptions;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Standalone on a copy of the samples, with two echo backends and a page that shows what happens.
 */
public final class Demo implements AutoCloseable {
  /** The ports that the samples name. */
  static final int BLUE = 3001;

  static final int GREEN = 3002;

  private static final String PAGE = "index.html";

  private final Path folder;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("backends", true), NioIoHandler.newFactory());
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final String page;
  private final EchoBackend blue;
  private final EchoBackend green;
  private final Standalone standalone;
  private volatile @Nullable DemoStatus status;

  /**
   * Starts everything.
   *
   * @param samples the manifests that are copied, with the backends' ports put in
   * @param folder where they are copied to, and followed
   * @param ports of the two backends; 0 picks free ones
   * @throws StartException if a port is taken or the folder can't be written
   */
  public Demo(
      Path samples, Path folder, List<Integer> ports, DataPlaneOptions options, PrintStream out)
      throws StartException {
    this.folder = folder;
    try {
      page = resource(PAGE);
      blue = new EchoBackend("blue", loopback(ports.get(0)), loops, this::page);
      green = new EchoBackend("green", loopback(ports.get(1)), loops, this::page);
      copy(samples);
    } catch (IOException e) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new StartException(String.valueOf(e.getMessage()));
    }
    standalone =
        new Standalone(
            folder,
            options,
            (source, watch) -> {
              DemoStatus made = new DemoStatus(new VerdictReport(out, source), source, folder);
              status = made;
              return new Reports(made, watch.part("reports"));
            });
    try {
      standalone.start();
    } catch (StartException e) {
      close();
      throw e;
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress("127.0.0.1", port);
  }

  private void copy(Path samples) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(samples)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        String text =
            Files.readString(file)
                .replace(String.valueOf(BLUE), String.valueOf(blue.port()))
                .replace(String.valueOf(GREEN), String.valueOf(green.port()));
        Files.writeString(folder.resolve(file.getFileName()), text);
      }
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Demo.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the resource " + name + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private @Nullable CompletionStage<EchoBackend.Page> page(String path) {
    DemoStatus now = status;
    return switch (path) {
      case "/" -> CompletableFuture.completedFuture(new EchoBackend.Page("text/html", page));
      case "/demo/status" ->
          CompletableFuture.completedFuture(
              new EchoBackend.Page("application/json", now == null ? "{}" : now.json()));
      case "/demo/connections" -> connections();
      default -> null;
    };
  }

  /** The admin server's word on the open tunnels. */
  private CompletionStage<EchoBackend.Page> connections() {
    InetSocketAddress admin = standalone.dataPlane().boundAdmin();
    URI uri = URI.create(StandaloneCommand.url(admin) + "/connections?limit=1000");
    return http.sendAsync(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build(),
            HttpResponse.BodyHandlers.ofString())
        .handle(
            (response, failure) ->
                new EchoBackend.Page(
                    "application/json", response == null ? "{}" : response.body()));
  }

  /** What serves the demo. */
  public Standalone standalone() {
    return standalone;
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    standalone.close();
    blue.close();
    green.close();
    http.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
