package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names that take long hold up nobody but their own namespace. */
class NameLookupsTest {
  private final CountDownLatch answer = new CountDownLatch(1);
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicInteger slow = new AtomicInteger();
  private final Map<ResourceRef, String> resolved = new ConcurrentHashMap<>();
  private final NameLookups lookups =
      new NameLookups(
          this::resolve,
          Duration.ofMillis(20),
          (ref, name, addresses) -> resolved.put(ref, name + " " + addresses.length),
          Part.unwatched("external-names"));

  @AfterEach
  void close() {
    answer.countDown();
    lookups.close();
  }

  private InetAddress[] resolve(String name) throws UnknownHostException {
    asked.computeIfAbsent(name, added -> new AtomicInteger()).incrementAndGet();
    if (name.startsWith("slow")) {
      slow.incrementAndGet();
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      slow.decrementAndGet();
    }
    if (name.startsWith("fault")) {
      throw new StackOverflowError();
    }
    if (name.startsWith("unknown")) {
      throw new UnknownHostException(name);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  private static ResourceRef service(String namespace, String name) {
    return new ResourceRef(Kind.SERVICE, namespace, name);
  }

  @Test
  void anErrorTakesNoPlaceForGood() {
    for (int i = 0; i < 2 * NameLookups.AT_A_TIME; i++) {
      lookups.want(service("faulty" + i, "s"), "fault" + i);
    }
    await().until(() -> asked.size() == 2 * NameLookups.AT_A_TIME);
    lookups.want(service("modest", "a"), "quick");
    await().until(() -> resolved.containsKey(service("modest", "a")));
    await().until(() -> asked.values().stream().anyMatch(times -> times.get() > 2));
  }

  @Test
  void slowNamesHoldUpTheirOwnNamespaceAlone() {
    for (int i = 0; i < 50; i++) {
      lookups.want(service("greedy", "s" + i), "slow" + i);
    }
    lookups.want(service("modest", "a"), "quick");
    await().until(() -> resolved.containsKey(service("modest", "a")));
    await()
        .during(Duration.ofMillis(100))
        .until(() -> slow.get() == NameLookups.AT_A_TIME_BY_NAMESPACE);
    answer.countDown();
    await().until(() -> resolved.size() == 51);
  }

  private int times(String name) {
    return asked.getOrDefault(name, new AtomicInteger()).get();
  }

  @Test
  void aNameIsAskedForAgainAndForgottenWhenItIsAnother() {
    lookups.want(service("demo", "a"), "first");
    await().until(() -> times("first") > 2);
    lookups.want(service("demo", "a"), "second");
    await().until(() -> "second 1".equals(resolved.get(service("demo", "a"))));
    lookups.unwant(service("demo", "a"));
    int first = times("first");
    lookups.want(service("demo", "b"), "third");
    await().until(() -> times("third") > 5);
    assertThat(times("first")).isBetween(first, first + 1);
  }

  @Test
  void whatFailsIsAskedForLessOften() {
    lookups.want(service("demo", "a"), "unknown");
    lookups.want(service("demo", "b"), "known");
    await().until(() -> times("known") > 40);
    assertThat(times("unknown")).isLessThan(times("known"));
    assertThat(resolved).containsOnlyKeys(service("demo", "b"));
  }
}
