package dev.longshore.cli.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Listeners are added to and taken from a running process by an edit of its LongshoreConfig. */
@EnabledOnOs(OS.LINUX)
class StandaloneListenersTest {
  @TempDir private Path folder;

  /** A port that nobody else gets, and at which a data plane can listen. */
  private static Socket held() throws IOException {
    Socket held = new Socket();
    held.setReuseAddress(true);
    held.bind(new InetSocketAddress("127.0.0.1", 0));
    return held;
  }

  private void save(String listeners) throws IOException {
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: shared}
        spec:
          listeners: [%s]
        """
            .formatted(listeners));
  }

  private static String listener(String name, int port) {
    return "{name: %s, address: 127.0.0.1, port: %d, protocol: HTTP}".formatted(name, port);
  }

  /** The status of an answer to a request on a new connection; 0: refused. */
  private static int status(int port) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] line = in.readNBytes("HTTP/1.1 404".length());
      return Integer.parseInt(
          new String(line, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length()));
    } catch (ConnectException e) {
      return 0;
    }
  }

  @Test
  void anEditOpensAndClosesThem() throws Exception {
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    save("");
    try (Socket first = held();
        Socket second = held();
        Standalone standalone =
            new Standalone(
                folder,
                new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.NIO),
                (source, watch) -> new Silent())) {
      standalone.start();
      int port = standalone.dataPlane().boundHttp().getFirst().getPort();
      assertThat(status(port)).isEqualTo(404);
      assertThat(status(first.getLocalPort())).isZero();

      save(listener("internal", first.getLocalPort()));
      await().ignoreExceptions().until(() -> status(first.getLocalPort()) == 404);
      save(listener("internal", second.getLocalPort()));
      await().ignoreExceptions().until(() -> status(second.getLocalPort()) == 404);
      assertThat(status(first.getLocalPort())).isZero();
      // One mistake keeps that one closed, alone.
      save(listener("internal", second.getLocalPort()) + ", {name: wrong, protocol: HTTP}");
      assertThat(status(second.getLocalPort())).isEqualTo(404);
      Files.delete(folder.resolve("config.yaml"));
      await().ignoreExceptions().until(() -> status(second.getLocalPort()) == 0);
      assertThat(status(port)).isEqualTo(404);
    }
  }

  private static final class Silent implements Standalone.Reporter {
    @Override
    public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {}

    @Override
    public void judged(FolderReading reading, Translation translation) {}
  }
}
