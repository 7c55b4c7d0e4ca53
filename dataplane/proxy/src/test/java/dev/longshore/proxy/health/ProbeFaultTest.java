package dev.longshore.proxy.health;

import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.poolKey;
import static dev.longshore.proxy.Snapshots.snapshot;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.health.ProbeKey.Question;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A check that can't even be begun, or whose result can't be taken, holds up no other. */
@Timeout(60)
class ProbeFaultTest {
  @Test
  @Strikes("probes")
  void theOthersAreProbedAgainAndAgain() throws Exception {
    AtomicInteger probed = new AtomicInteger();
    SocketTransport transport = SocketTransport.nio();
    EventLoop loop = new MultiThreadIoEventLoopGroup(1, transport.loops()).next();
    try (Watched watched = new Watched();
        Metrics metrics = new Metrics();
        SnapshotHolder snapshots = new SnapshotHolder();
        RawUpstream good =
            RawUpstream.start(
                conversation -> {
                  probed.incrementAndGet();
                  conversation.readToEnd();
                })) {
      ProbeLoop probes =
          new ProbeLoop(
              loop,
              new Dialer(loop, transport.sockets()),
              new DeadlineSweep(loop, watched.watch().part("deadlines"), Ticker.systemTicker()),
              metrics,
              watched.watch().part("probes"),
              Ticker.systemTicker());
      Watcher broken = new Watcher(nothing(), nothing());
      snapshots.apply(snapshot().with(pool("p"), "127.0.0.1:" + good.address().getPort()).build());
      EndpointState endpoint =
          Objects.requireNonNull(snapshots.current().pools().get(poolKey("p")))
              .endpoints()
              .getFirst();
      Watcher well = new Watcher(nothing(), endpoint);
      probes.change(
          List.of(
              new ProbeLoop.Subscription(check(0, new InetSocketAddress("127.0.0.1", 1)), broken),
              new ProbeLoop.Subscription(check(1, good.address()), well)),
          List.of());
      await().until(() -> watched.faults("probes") >= 2 && probed.get() >= 2);
      probes.close();
    } finally {
      loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static Check check(int number, InetSocketAddress address) {
    Question question =
        new Question(
            UpstreamPool.Probe.TCP, "/", null, null, Duration.ofMillis(200), Duration.ofSeconds(5));
    return new Check(new ProbeKey("demo", address, question), number, 0);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
