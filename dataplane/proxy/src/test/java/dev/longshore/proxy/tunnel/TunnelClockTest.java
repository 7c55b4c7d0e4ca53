package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * When the proxy itself ends tunnels, to the tick: the clock is the test's. That each end also
 * comes about over real connections is {@link TunnelCloseTest}.
 */
class TunnelClockTest {
  private static final Duration NEVER = Duration.ZERO;

  private final MockTicker ticker = Ticker.newMockTicker();

  /** Its event loop is the one of all tunnels. */
  private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(ticker).build();

  private final List<Tunnel> ended = new ArrayList<>();
  private final TunnelLoop loop =
      new TunnelLoop(clock.eventLoop(), ended::add, 0, ByteBufAllocator.DEFAULT, ticker);
  private final List<EmbeddedChannel> channels = new ArrayList<>(List.of(clock));
  private int now;

  private record Ends(EmbeddedChannel client, EmbeddedChannel upstream, Tunnel tunnel) {
    void fromClient(byte[] frame) {
      client.writeInbound(Unpooled.copiedBuffer(frame));
    }

    void fromUpstream(byte[] frame) {
      upstream.writeInbound(Unpooled.copiedBuffer(frame));
    }
  }

  private Ends open(TestPolicy policy) {
    return open(policy.build(), new EmbeddedChannel(), loop);
  }

  private Ends open(Policy policy, EmbeddedChannel client, TunnelLoop loop) {
    EmbeddedChannel upstream = new EmbeddedChannel();
    channels.add(client);
    channels.add(upstream);
    TunnelContext context =
        TunnelFixture.context(
            policy,
            TunnelFixture.hold(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), this, () -> {}));
    Tunnel tunnel =
        Tunnel.open(
            context,
            loop,
            new SocketCarrier(client),
            new SocketCarrier(upstream),
            Unpooled.EMPTY_BUFFER,
            Unpooled.EMPTY_BUFFER);
    return new Ends(client, upstream, tunnel);
  }

  private static TestPolicy bounded(Duration idle, Duration lifetime, Duration stall) {
    return new TestPolicy().idle(idle).maxLifetime(lifetime).writeStall(stall);
  }

  /** The next tick, and what each loop has to do at it. */
  private void tick() {
    ticker.advance(TickClock.TICK_MILLIS, TimeUnit.MILLISECONDS);
    now++;
    channels.forEach(EmbeddedChannel::runPendingTasks);
  }

  private void ticksTo(int tick) {
    while (now < tick) {
      tick();
    }
  }

  /** The tick at which something ends it. */
  private int ends(Tunnel tunnel, int atMost) {
    while (tunnel.cause() == null) {
      assertThat(now).isLessThan(atMost);
      tick();
    }
    return now;
  }

  /** And when nothing is left of it. */
  private int isOver(Tunnel tunnel, int atMost) {
    while (!ended.contains(tunnel)) {
      assertThat(now).isLessThan(atMost);
      tick();
    }
    return now;
  }

  @AfterEach
  void release() {
    channels.forEach(EmbeddedChannel::close);
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  @Test
  void idleSinceTheLastByteOfEitherSide() {
    Ends ends = open(bounded(Duration.ofSeconds(30), NEVER, NEVER));
    ticksTo(100);
    ends.fromClient(Frames.text(true, "hello"));
    ticksTo(250);
    ends.fromUpstream(Frames.text(false, "hello"));
    assertThat(ends(ends.tunnel, 1000)).isEqualTo(250 + 301);
    assertThat(ends.tunnel.cause()).isEqualTo(CloseCause.IDLE);
  }

  @Test
  void lifetimesDifferByTenPercentAndNoSecondHasMoreThanTwiceItsPart() {
    int count = 2000;
    List<Tunnel> tunnels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tunnels.add(open(bounded(NEVER, Duration.ofSeconds(100), NEVER)).tunnel);
    }
    int[] seconds = closed(tunnels, 1200, 10);
    int sum = 0;
    for (int second = 0; second < seconds.length; second++) {
      if (second < 90 || second > 110) {
        assertThat(seconds[second]).as("second %d", second).isZero();
      }
      assertThat(seconds[second]).isLessThanOrEqualTo(2 * count / 20);
      sum += seconds[second];
    }
    assertThat(sum).isEqualTo(count);
  }

  /** How many are told to close in each so many ticks. */
  private int[] closed(List<Tunnel> tunnels, int ticks, int each) {
    int[] counts = new int[ticks / each + 1];
    List<Tunnel> open = new ArrayList<>(tunnels);
    int last = now + ticks;
    int begin = now;
    while (now < last) {
      tick();
      int before = open.size();
      open.removeIf(tunnel -> tunnel.cause() != null);
      counts[(now - begin) / each] += before - open.size();
    }
    return counts;
  }

  /** Of two loops, one with three times as many: together, and not each by itself. */
  @Test
  void aDrainIsSpreadEvenlyOverItsWindow() {
    EmbeddedChannel otherClock = EmbeddedChannel.builder().ticker(ticker).build();
    channels.add(otherClock);
    TunnelLoop other =
        new TunnelLoop(otherClock.eventLoop(), ended::add, 1, ByteBufAllocator.DEFAULT, ticker);
    Policy policy = bounded(NEVER, NEVER, NEVER).build();
    List<Tunnel> tunnels = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      tunnels.add(open(policy, new EmbeddedChannel(), i % 4 == 0 ? other : loop).tunnel);
    }
    ticksTo(57);
    StaggeredClose.start(
        List.of(loop, other),
        DrainTerms.of(
            CloseCause.SHUTDOWN,
            Duration.ofSeconds(40),
            Duration.ofSeconds(1),
            loop.clock().nanoTime()),
        (each, found) -> each.find(tunnel -> true, found));
    int[] ticks = closed(tunnels, 400, 1);
    assertThat(Arrays.stream(ticks).skip(3).max()).as("one every other tick").hasValue(1);
    assertThat(tunnels).allMatch(tunnel -> tunnel.cause() == CloseCause.SHUTDOWN);
  }

  @Test
  void whoNeverAnswersACloseIsCutAtTheDeadlineAndReadForTwoSecondsMore() {
    Ends ends =
        open(bounded(Duration.ofSeconds(1), NEVER, NEVER).closing(Duration.ofSeconds(7), 1012));
    assertThat(ends(ends.tunnel, 100)).isEqualTo(11);
    assertThat(isOver(ends.tunnel, 200)).isBetween(11 + 71, 11 + 71 + 21);
  }

  @Test
  void bothHaveSaidGoodbyeAndNobodyClosesForTenSeconds() {
    Ends ends = open(bounded(NEVER, NEVER, NEVER).closing(Duration.ofSeconds(1), 1012));
    ticksTo(20);
    ends.fromClient(Frames.close(true, 1000));
    ends.fromUpstream(Frames.close(false, 1000));
    assertThat(ends.tunnel.cause()).isEqualTo(CloseCause.CLIENT);
    ticksTo(20 + 100);
    assertThat(ended).isEmpty();
    assertThat(isOver(ends.tunnel, 200)).isBetween(20 + 101, 20 + 101 + 11 + 21);
    assertThat(Duration.ofNanos(ends.tunnel.ageNanos())).isEqualTo(Duration.ofMillis(100L * now));
  }

  @Test
  void aStallIsNoticedAtItsBoundOrAQuarterLater() {
    EmbeddedChannel deaf =
        new EmbeddedChannel() {
          @Override
          protected void doWrite(ChannelOutboundBuffer in) {
            // Its kernel takes nothing.
          }
        };
    Ends ends = open(bounded(NEVER, NEVER, Duration.ofSeconds(20)).build(), deaf, loop);
    ticksTo(35);
    ends.fromUpstream(Frames.text(false, "nobody reads this"));
    int noticed = ends(ends.tunnel, 1000);
    assertThat(ends.tunnel.cause()).isEqualTo(CloseCause.STALL);
    assertThat(noticed).isBetween(35 + 201, 35 + 201 + 2 * 50);
  }

  @Test
  void pingsGoAtTheirIntervalAndAreMissedAtTheirTimeout() {
    Ends ends =
        open(
            bounded(NEVER, NEVER, NEVER)
                .ping(Duration.ofSeconds(30), Duration.ofSeconds(10), Towards.CLIENT));
    int sent = awaitOutbound(ends.client, 1000);
    assertThat(sent).as("or up to 10 % later").isBetween(301, 331);
    assertThat(ends(ends.tunnel, 1000)).isEqualTo(sent + 101);
    assertThat(ends.tunnel.cause()).isEqualTo(CloseCause.PING);
  }

  /** It is due in the middle of a message, and the client says something before that ends. */
  @Test
  void aPostponedPingIsForgottenWhenItsAnswerHasCome() {
    Ends ends =
        open(
            bounded(NEVER, NEVER, NEVER)
                .ping(Duration.ofSeconds(30), Duration.ofSeconds(60), Towards.CLIENT));
    ends.fromUpstream(Frames.header(true, Frames.BINARY, false, 4));
    ticksTo(400);
    assertThat(taken(ends.client)).as("no Ping within the message").isEqualTo(2);
    ends.fromClient(Frames.text(true, "hello"));
    ends.fromUpstream(new byte[4]);
    assertThat(taken(ends.client)).as("nor at its end").isEqualTo(4);
    assertThat(awaitOutbound(ends.client, 1000)).isBetween(400 + 301, 400 + 331);
  }

  /** Reads what has come; how many bytes. */
  private static int taken(EmbeddedChannel channel) {
    int bytes = 0;
    ByteBuf next = channel.readOutbound();
    while (next != null) {
      bytes += next.readableBytes();
      next.release();
      next = channel.readOutbound();
    }
    return bytes;
  }

  private int awaitOutbound(EmbeddedChannel channel, int atMost) {
    @Nullable Object first = channel.outboundMessages().peek();
    while (first == null) {
      assertThat(now).isLessThan(atMost);
      tick();
      first = channel.outboundMessages().peek();
    }
    return now;
  }
}
