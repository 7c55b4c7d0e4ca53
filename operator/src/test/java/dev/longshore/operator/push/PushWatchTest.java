package dev.longshore.operator.push;

import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What serves data planes, struck. */
@Timeout(120)
class PushWatchTest {
  private static final PushServerOptions OPTIONS =
      PushServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

  @Test
  @Strikes({"push", "push-encoder"})
  void theCoordinatorAndWhatMakesItsMessagesAreToldWhenTheyHang() throws Exception {
    Coordinator coordinator =
        new Coordinator(
            OPTIONS,
            new PushMetrics(new SimpleMeterRegistry()),
            Clock.systemUTC(),
            Ticker.systemTicker());
    try (Watched watched = new Watched()) {
      coordinator.watch(watched.watch());
      watched.fail("push", coordinator::execute);
      watched.hang("push", coordinator::execute);
      watched.fail("push-encoder", coordinator::make);
      watched.hang("push-encoder", coordinator::make);
      watched.exhaust("push-encoder", coordinator::make);
    } finally {
      coordinator.close();
    }
  }

  @Test
  void outOfMemoryOfTheCoordinatorIsTold() throws Exception {
    Coordinator coordinator =
        new Coordinator(
            OPTIONS,
            new PushMetrics(new SimpleMeterRegistry()),
            Clock.systemUTC(),
            Ticker.systemTicker());
    try (Watched watched = new Watched()) {
      coordinator.watch(watched.watch());
      watched.exhaust("push", coordinator::execute);
    } finally {
      coordinator.close();
    }
  }

  /** Where a connection is set up. */
  @Test
  void anEventLoopThatHangsIsTold() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        PushServer server =
            new PushServer(
                OPTIONS,
                () -> {
                  planted.run();
                  return null;
                },
                token -> CompletableFuture.completedFuture(new TokenVerdict.Unavailable("none")),
                new SimpleMeterRegistry())) {
      server.start();
      server.watch(watched.watch());
      watched.hang(
          "push",
          task -> {
            planted.set(task);
            try (Socket socket =
                new Socket(server.bound().getAddress(), server.bound().getPort())) {
              socket.getOutputStream().write(1);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
