package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Parts;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Issue 9: nothing of an operator dies in silence. Each part is struck where its tests stand; here
 * is what has no better place, and that none is left out.
 */
@Timeout(120)
class PartsTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  /** Struck in module process, or, the server of the pages, in the data plane. */
  private static final Set<String> ELSEWHERE = Set.of("watch", "admin");

  /** Of the standalone, which has this source. */
  private static final String STANDALONE = "manifests";

  /** Whoever adds a part strikes it in a test, and says in docs/metrics.md when it isn't live. */
  @Test
  void everyPartOfARunningOperatorIsStruckAndInTheDocs() throws Exception {
    Set<String> struck = new TreeSet<>(ELSEWHERE);
    struck.addAll(Parts.struckIn("dev.longshore.operator"));
    Set<String> running = new TreeSet<>(parts());
    running.add(STANDALONE);
    assertThat(struck).isEqualTo(running);
    Parts.assertInTheDocs(running);
  }

  /** Those of one that finds no API server. */
  private static Set<String> parts() throws Exception {
    try (Operator operator =
        new Operator(
            new OperatorOptions(
                ANY,
                ANY,
                "longshore",
                "replica",
                Set.of(),
                Set.of("longshore"),
                false,
                true,
                List.of(),
                "longshore-dataplane",
                "longshore-dataplane",
                "longshore-operator-push"),
            new ConfigBuilder().withMasterUrl("http://127.0.0.1:9").build())) {
      operator.start();
      return Parts.shownAt(operator.metricsAddress());
    }
  }

  @Test
  @Strikes("data-planes")
  void theTrackerIsToldWhenItHangsOrHasNoMemory() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        DataPlaneTracker tracker =
            new DataPlaneTracker(new FakePush(), List.of(), now -> planted.run())) {
      tracker.watch(watched.watch().part("data-planes"));
      tracker.listed();
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            tracker.refresh();
          };
      watched.fail("data-planes", inside);
      watched.hang("data-planes", inside);
      watched.exhaust("data-planes", inside);
    }
  }

  @Test
  @Strikes("timer")
  void whatFailsOnTheTimerIsCounted() throws Exception {
    try (Watched watched = new Watched();
        ExecutorService timer = Executors.newSingleThreadExecutor()) {
      Part part = watched.watch().part("timer");
      watched.fail("timer", task -> timer.execute(part.guarded("struck", task)));
      watched.exhaust("timer", task -> timer.execute(part.guarded("struck", task)));
    }
  }
}
