package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever fails at one tunnel, it ends alone, and the wheel and the drains of others go on. */
@Timeout(90)
class TunnelFaultTest {
  private final AtomicReference<@Nullable Runnable> planted = new AtomicReference<>();
  private Watched watched;
  private TunnelFixture fixture;

  @BeforeEach
  void start() throws Exception {
    watched = new Watched();
    Part part = watched.watch().part("tunnels");
    fixture =
        new TunnelFixture(
            new TunnelObserver() {
              @Override
              public void ended(Tunnel tunnel) {
                Runnable task = planted.getAndSet(null);
                if (task != null) {
                  task.run();
                }
              }

              @Override
              public void fault(String what, Throwable cause) {
                part.fault(what, cause);
              }
            });
    part.beats(task -> fixture.tunnels.atTick(fixture.loop(), task));
  }

  @AfterEach
  void stop() throws Exception {
    watched.close();
    fixture.close();
  }

  private void inside(Runnable task) {
    planted.set(task);
    try {
      fixture.open().close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @Strikes("tunnels")
  void theWheelIsToldWhenItHangsOrHasNoMemory() throws Exception {
    try (Ends open = fixture.open()) {
      watched.fail("tunnels", this::inside);
      watched.hang("tunnels", this::inside);
      watched.exhaust("tunnels", this::inside);
      echo(open);
    }
  }

  /** An idle one, whose place can't be told when the wheel comes to it. */
  @Test
  void oneThatCantBeInspectedEndsAloneAndTheOthersKeepTheirTimes() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    EndpointLease hold =
        TunnelFixture.hold(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), this, () -> {});
    EndpointLease breaks =
        new EndpointLease() {
          @Override
          public InetSocketAddress socketAddress() {
            return hold.socketAddress();
          }

          @Override
          public Object group() {
            if (broken.getAndSet(false)) {
              throw new IllegalStateException("planted");
            }
            return hold.group();
          }

          @Override
          public boolean draining() {
            return hold.draining();
          }

          @Override
          public void release() {
            hold.release();
          }
        };
    try (Ends failing = fixture.open(TunnelFixture.context(idle(Duration.ofMillis(500)), breaks));
        Ends idle = fixture.open(idle(Duration.ofMillis(1500)));
        Ends busy = fixture.open(Policy.DEFAULT)) {
      broken.set(true);
      await().until(() -> !fixture.ended.isEmpty());
      assertThat(fixture.ended.getFirst().cause()).isEqualTo(CloseCause.INTERNAL);
      assertThat(failing.client().getInputStream().read()).isEqualTo(-1);
      assertThat(watched.faults("tunnels")).isPositive();
      // Polite, at its own time.
      assertThat(idle.client().getInputStream().readNBytes(2)).startsWith((byte) 0x88);
      echo(busy);
    }
  }

  private static Policy idle(Duration idle) {
    return new TestPolicy().idle(idle).writeStall(Duration.ZERO).build();
  }

  private static void echo(Ends open) throws Exception {
    open.client().getOutputStream().write(Frames.text(true, "still here"));
    assertThat(open.upstream().getInputStream().readNBytes(4)).hasSize(4);
  }

  /** One that can't be judged, and one whose window nobody knows. */
  @Test
  void oneThatCantBePlacedInADrainHoldsUpNoOther() throws Exception {
    Policy now = new TestPolicy().draining(Duration.ZERO, OnChange.CLOSE, OnChange.KEEP).build();
    Policy unknown = new TestPolicy().draining(nothing(), OnChange.CLOSE, OnChange.KEEP).build();
    TunnelContext judged = fixture.context(now, "https://unjudgeable", null);
    try (Ends unjudgeable = fixture.open(judged);
        Ends windowless = fixture.open(unknown);
        Ends one = fixture.open(now);
        Ends other = fixture.open(now)) {
      fixture.tunnels.close(
          CloseCause.REMOVED,
          tunnel -> {
            if (Objects.equals(tunnel.context().origin(), "https://unjudgeable")) {
              throw new IllegalStateException("planted");
            }
            return true;
          });
      assertThat(one.client().getInputStream().readNBytes(2)).startsWith((byte) 0x88);
      assertThat(other.client().getInputStream().readNBytes(2)).startsWith((byte) 0x88);
      await().until(() -> windowless.client().getInputStream().read() == -1);
      echo(unjudgeable);
      assertThat(watched.faults("tunnels")).isEqualTo(2);
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
