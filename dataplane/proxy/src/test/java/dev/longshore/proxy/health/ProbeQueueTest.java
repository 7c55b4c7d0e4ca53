package dev.longshore.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.proxy.health.ProbeKey.Question;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose turn it is, by a clock of its own. */
class ProbeQueueTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final UpstreamTls TLS = new UpstreamTls("chat.internal", null, null);

  /** Just before it overflows, as System.nanoTime() may be. */
  private long now = Long.MAX_VALUE - 100 * MILLI;

  private final ProbeQueue queue = new ProbeQueue(now);
  private final Map<String, Integer> begun = new HashMap<>();
  private final ArrayDeque<Check> open = new ArrayDeque<>();
  private int numbered;

  private void add(String namespace, int count, @Nullable UpstreamTls tls) {
    Question question =
        new Question(
            UpstreamPool.Probe.TCP, "/", null, tls, Duration.ofSeconds(1), Duration.ofSeconds(1));
    for (int i = 0; i < count; i++) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1 + numbered);
      Check check = new Check(new ProbeKey(namespace, address, question), numbered++, 0);
      check.dueNanos = now;
      queue.add(check);
    }
  }

  /**
   * Lets time go by; each probe takes {@code takes}.
   *
   * @param takes milliseconds; a negative number: they never end by themselves
   */
  private void pass(int millis, int takes) {
    Map<Check, Long> ends = new HashMap<>();
    for (int i = 0; i < millis; i++) {
      now += MILLI;
      for (Check check; (check = queue.poll(now)) != null; ) {
        begun.merge(check.key.namespace(), 1, Integer::sum);
        open.add(check);
        ends.put(check, now + takes * MILLI);
      }
      while (takes >= 0 && !open.isEmpty() && ends.getOrDefault(open.peek(), now) - now <= 0) {
        end(open.remove());
      }
      assertThat(queue.open()).isEqualTo(open.size());
    }
  }

  private void end(Check check) {
    check.dueNanos = now + TimeUnit.SECONDS.toNanos(1);
    queue.ended(check);
  }

  private int begun(String namespace) {
    return begun.getOrDefault(namespace, 0);
  }

  @Test
  void aNamespaceHasSoManyInASecond() {
    add("a", 10_000, null);
    pass(4000, 1);
    assertThat(begun("a")).isBetween(480, 520);
  }

  @Test
  void aLoopHasSoManyInASecond() {
    for (int i = 0; i < 10; i++) {
      add("n" + i, 1000, null);
    }
    pass(4000, 1);
    assertThat(begun.values().stream().mapToInt(each -> each).sum()).isBetween(1950, 2080);
    begun.values().forEach(each -> assertThat(each).isBetween(180, 220));
  }

  @Test
  void whoWantsLittleGetsItAtOnce() {
    for (int i = 0; i < 10; i++) {
      add("n" + i, 1000, null);
    }
    pass(1000, 1);
    add("modest", 5, null);
    pass(200, 1);
    assertThat(begun("modest")).isEqualTo(5);
  }

  @Test
  void tlsCostsMore() {
    add("clear", 10_000, null);
    add("secured", 10_000, TLS);
    pass(4000, 1);
    assertThat(begun("clear")).isBetween(480, 520);
    assertThat(begun("secured"))
        .isBetween(480 / HardLimits.PROBE_COST_OF_TLS, 520 / HardLimits.PROBE_COST_OF_TLS);
  }

  @Test
  void aNamespaceHasSoManyOpen() {
    add("a", 1000, null);
    pass(5000, -1);
    assertThat(queue.open()).isEqualTo(HardLimits.PROBES_OPEN_OF_NAMESPACE);
    assertThat(queue.next(now)).isNull();
    end(open.remove());
    pass(20, -1);
    assertThat(queue.open()).isEqualTo(HardLimits.PROBES_OPEN_OF_NAMESPACE);
  }

  @Test
  void whoHoldsMostMakesRoom() {
    for (int i = 0; i < 8; i++) {
      add("n" + i, 200, null);
    }
    pass(5000, -1);
    assertThat(queue.open()).isEqualTo(HardLimits.PROBES_OPEN);
    assertThat(queue.overdrawn(now)).as("each has its share").isNull();
    add("modest", 3, null);
    for (int i = 0; i < 3; i++) {
      now += 20 * MILLI;
      assertThat(queue.poll(now)).isNull();
      Check victim = Objects.requireNonNull(queue.overdrawn(now));
      assertThat(victim)
          .isSameAs(open.stream().filter(each -> same(each, victim)).findFirst().get());
      open.remove(victim);
      end(victim);
      pass(1, -1);
    }
    assertThat(begun("modest")).isEqualTo(3);
    assertThat(queue.open()).isEqualTo(HardLimits.PROBES_OPEN);
  }

  private static boolean same(Check a, Check b) {
    return a.key.namespace().equals(b.key.namespace());
  }

  @Test
  void whatIsRemovedIsNowhere() {
    add("a", 1000, null);
    pass(1000, -1);
    int before = queue.open();
    Check probing = open.remove();
    queue.remove(probing);
    assertThat(queue.open()).isEqualTo(before - 1);
    while (!open.isEmpty()) {
      queue.remove(open.remove());
    }
    assertThat(queue.open()).isZero();
    pass(1000, 1);
    assertThat(begun("a")).isBetween(230, 260);
  }

  @Test
  void nobodyIsWokenForNothing() {
    assertThat(queue.next(now)).isNull();
    add("a", 1, null);
    assertThat(queue.next(now)).isEqualTo(now);
    pass(1, 0);
    assertThat(queue.next(now)).isEqualTo(now + TimeUnit.SECONDS.toNanos(1));
  }
}
