package dev.longshore.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.health.ProbeKey.Question;
import dev.longshore.proxy.health.ProbeLoop.Subscription;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.Metrics;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 9: thousands of endpoints that come and go at once don't hold an event loop. */
@Timeout(60)
class ProbeLoopTest {
  private static final long NEVER = TimeUnit.DAYS.toNanos(1);

  @Test
  void changesAreTakenInSlicesAndInOrder() {
    SocketTransport transport = SocketTransport.nio();
    EventLoop loop = new MultiThreadIoEventLoopGroup(1, transport.loops()).next();
    try (Metrics metrics = new Metrics()) {
      ProbeLoop probes =
          new ProbeLoop(
              loop,
              new Dialer(loop, transport.sockets()),
              new DeadlineSweep(loop, Part.unwatched("deadlines"), Ticker.systemTicker()),
              metrics,
              Part.unwatched("probes"),
              Ticker.systemTicker());
      List<Subscription> many =
          IntStream.range(0, 20 * ProbeLoop.CHANGES_AT_ONCE)
              .mapToObj(i -> new Subscription(check(i), new Watcher(nothing(), nothing())))
              .toList();
      Check last = many.getLast().check();
      boolean[] lastCame = new boolean[1];
      loop.submit(
              () -> {
                probes.change(many, List.of());
                // What another wants of this loop meanwhile.
                loop.execute(() -> lastCame[0] = !last.isAbandoned());
              })
          .awaitUninterruptibly();
      await().until(() -> loop.submit(() -> !last.isAbandoned()).get());
      assertThat(lastCame[0]).isFalse();

      probes.change(List.of(), many);
      probes.change(many.subList(0, 1), List.of());
      await().until(() -> loop.submit(last::isAbandoned).get());
      await().until(() -> loop.submit(() -> !many.getFirst().check().isAbandoned()).get());
      probes.close();
    } finally {
      loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static Check check(int number) {
    Question question =
        new Question(
            UpstreamPool.Probe.TCP, "/", null, null, Duration.ofDays(1), Duration.ofSeconds(5));
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", 1 + number);
    return new Check(new ProbeKey("demo", address, question), number, NEVER);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
