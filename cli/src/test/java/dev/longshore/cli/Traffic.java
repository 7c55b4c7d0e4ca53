package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Clients of a data plane that mind when anything happens to them: a tunnel to each host, open from
 * the beginning and never opened again, and a plain request to each host again and again.
 */
final class Traffic implements AutoCloseable {
  private static final int PAUSE_MILLIS = 100;

  private final int port;
  private final Map<String, RawTunnel> tunnels = new TreeMap<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("traffic").daemon().factory());
  private volatile int rounds;

  /** Opens a tunnel to each host, and begins. */
  Traffic(int port, List<String> hosts) throws IOException {
    this.port = port;
    for (String host : hosts) {
      tunnels.put(host, new RawTunnel(port, host));
    }
    thread.scheduleWithFixedDelay(this::round, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Waits until everybody was served once more, from now on, and nobody ever was not. */
  void goesOn() {
    int enough = rounds + 2;
    await().atMost(Duration.ofSeconds(60)).until(() -> rounds >= enough || !failures.isEmpty());
    assertThat(failures).as("what happened to clients").isEmpty();
  }

  @Override
  public void close() throws IOException {
    thread.close();
    for (RawTunnel tunnel : tunnels.values()) {
      tunnel.close();
    }
  }

  private void round() {
    tunnels.forEach(
        (host, tunnel) -> {
          String message = "round " + rounds;
          try {
            String echo = tunnel.echo(message);
            if (!echo.equals(message)) {
              failures.add(host + " echoes " + echo);
            }
          } catch (IOException e) {
            failures.add("tunnel to " + host + ": " + e);
          }
          int status = RawTunnel.status(port, host, "/");
          if (status != 200) {
            failures.add(host + " answers " + status);
          }
        });
    rounds++;
  }
}
