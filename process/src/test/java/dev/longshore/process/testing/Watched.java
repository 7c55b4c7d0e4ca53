package dev.longshore.process.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.Hosts;
import dev.longshore.process.admin.Probes;
import dev.longshore.process.admin.Query;
import dev.longshore.process.watch.Watch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A watch by a clock that the test turns on, and a real admin server that tells of it; and the ways
 * in which a part of it can be struck. A part is struck from within: {@code inside} has it do
 * something, of which a task of the test is a part, once.
 */
public final class Watched implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
  private final Watch watch = Watch.by(now::get);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<CountDownLatch> held = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private final AdminServer server;
  private final InetSocketAddress address;

  /** What no part catches as something that it knows. */
  private static final class Planted extends Error {
    private static final long serialVersionUID = 1;
  }

  public Watched() throws IOException {
    watch.bindTo(meters);
    server =
        new AdminServer(
            new Probes() {
              @Override
              public AdminResponse live() {
                return AdminResponse.liveness(watch.troubles());
              }

              @Override
              public AdminResponse ready(Query query) {
                return AdminResponse.text(200, "ok\n");
              }
            },
            watch);
    address =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            AdminServer.pages(),
            Hosts.UNRESOLVED);
  }

  public Watch watch() {
    return watch;
  }

  /** What fails inside is counted, and the part goes on. */
  public void fail(String part, Consumer<Runnable> inside) {
    double before = faults(part);
    inside.accept(
        () -> {
          throw new Planted();
        });
    await().atMost(PATIENCE).until(() -> faults(part) > before);
    AtomicInteger done = new AtomicInteger();
    inside.accept(done::incrementAndGet);
    await().atMost(PATIENCE).until(() -> done.get() > 0);
    assertThat(watch.troubles()).noneMatch(trouble -> trouble.startsWith(part + ":"));
  }

  /** What runs out of memory inside ends the process's being live. */
  public void exhaust(String part, Consumer<Runnable> inside) {
    inside.accept(
        () -> {
          throw new OutOfMemoryError("Java heap space");
        });
    awaitTrouble("out of memory: ");
    assertThat(faults(part)).isPositive();
  }

  /** What hangs inside is told by its name, by liveness and metrics, until it goes on. */
  public void hang(String part, Consumer<Runnable> inside) {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    held.add(end);
    inside.accept(
        () -> {
          hanging.countDown();
          hold(end);
        });
    await().atMost(PATIENCE).until(() -> hanging.getCount() == 0);
    // The clock goes on until it is told: what the part was asked just before a turn may have been
    // late for want of a processor, and is answered; what hangs is asked again, and is not.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              now.addAndGet(Duration.ofSeconds(25).toNanos());
              assertTold(part + ": ");
              assertFailing(part);
            });
    end.countDown();
    await().atMost(PATIENCE).until(() -> !troubled(part));
  }

  /** What ends inside is told by its name. */
  public void end(String part, Consumer<Runnable> inside) {
    inside.accept(() -> Thread.currentThread().interrupt());
    awaitTrouble(part + ": its thread is dead");
    assertFailing(part);
  }

  private void assertFailing(String part) {
    assertThat(meters.get("longshore.watch.failing").tag("part", part).gauge().value())
        .isEqualTo(1);
  }

  private boolean troubled(String part) {
    return watch.troubles().stream().anyMatch(trouble -> trouble.startsWith(part + ": "));
  }

  private static void hold(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public double faults(String part) {
    return meters.get("longshore.watch.faults").tag("part", part).functionCounter().count();
  }

  /** Waits until liveness fails and says this. */
  public void awaitTrouble(String text) {
    await().atMost(PATIENCE).untilAsserted(() -> assertTold(text));
  }

  private void assertTold(String text) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/livez"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.body()).contains(text);
    assertThat(answer.statusCode()).isEqualTo(503);
  }

  @Override
  public void close() {
    held.forEach(CountDownLatch::countDown);
    watch.close();
    server.close();
    client.close();
  }
}
