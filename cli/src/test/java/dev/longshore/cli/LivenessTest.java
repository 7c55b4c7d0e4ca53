package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.standalone.Standalone;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Issue 9: whatever dies or hangs of a whole process, /livez says so, and what it is. */
@Timeout(120)
class LivenessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile boolean holdPublisher;
  private Standalone process;

  @BeforeEach
  void start() throws Exception {
    save(3000);
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    process =
        new Standalone(
            folder,
            new DataPlaneOptions(
                List.of(new InetSocketAddress("127.0.0.1", 0)),
                List.of(),
                any,
                any,
                2,
                Transport.NIO),
            (source, watch) ->
                new Standalone.Reporter() {
                  @Override
                  public void applied(
                      RoutingSnapshot snapshot, List<String> errors, Duration took) {
                    if (holdPublisher) {
                      hold();
                    }
                  }

                  @Override
                  public void judged(FolderReading reading, Translation translation) {}
                });
    process.start();
    assertThat(livez().statusCode()).isEqualTo(200);
  }

  @AfterEach
  void close() {
    end.countDown();
    process.close();
    client.close();
  }

  private void save(int port) throws IOException {
    Files.writeString(
        folder.resolve("chat.yaml"),
        """
        apiVersion: longshore.dev/v1alpha1
        kind: WebSocketRoute
        metadata: {name: chat}
        spec:
          hosts: [chat.example.com]
          upstreams: [{name: main, endpoints: [{address: 127.0.0.1, port: %d}]}]
          locations: [{path: /, pathType: Prefix, upstream: main}]
        """
            .formatted(port));
  }

  private void hold() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<String> livez() throws IOException, InterruptedException {
    InetSocketAddress address = process.dataPlane().boundMetrics();
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/livez"))
            .timeout(Duration.ofSeconds(10))
            .build(),
        BodyHandlers.ofString());
  }

  private void awaitTroubles(String... troubles) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = livez();
              assertThat(answer.statusCode()).isEqualTo(503);
              assertThat(answer.body()).contains(troubles);
            });
  }

  /** The innermost of a chain of fields; there is no other way to the threads of a data plane. */
  private static <T> T field(Object owner, Class<T> type, String... names)
      throws ReflectiveOperationException {
    Object each = owner;
    for (String name : names) {
      Field field = each.getClass().getDeclaredField(name);
      field.setAccessible(true);
      each = Objects.requireNonNull(field.get(each), name);
    }
    return type.cast(each);
  }

  @Test
  void whatHangsIsNamedUntilItGoesOn() throws Exception {
    DataPlane dataPlane = process.dataPlane();
    field(dataPlane, EventLoopGroup.class, "running", "loops", "group").next().execute(this::hold);
    field(dataPlane, Executor.class, "drains", "timer").execute(this::hold);
    holdPublisher = true;
    save(3001);
    awaitTroubles(
        "event-loops: no answer of loop",
        "deadlines: no answer of loop",
        "tunnels: no answer of loop",
        "drains: no answer of loop",
        "publisher: stuck for");
    end.countDown();
    await().atMost(PATIENCE).until(() -> livez().statusCode() == 200);
  }

  @Test
  void whatEndsIsNamed() {
    // Some of earlier tests may linger, and don't mind.
    List<String> names = List.of("publisher", "manifests", "longshore-memory");
    for (Thread each : Thread.getAllStackTraces().keySet()) {
      if (names.contains(each.getName())) {
        each.interrupt();
      }
    }
    awaitTroubles(
        "publisher: its thread is dead",
        "manifests: its thread is dead",
        "memory: its thread is dead");
  }

  @Test
  void aLoopThatEndsIsNamed() throws Exception {
    field(process.dataPlane(), EventLoopGroup.class, "running", "loops", "group")
        .next()
        .shutdownGracefully();
    awaitTroubles("event-loops: no answer of loop");
  }
}
