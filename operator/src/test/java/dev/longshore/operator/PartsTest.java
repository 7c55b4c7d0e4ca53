package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.testing.Planted;
import dev.longshore.operator.testing.Strikes;
import dev.longshore.operator.testing.Watched;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

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

  private static final Pattern PART =
      Pattern.compile("longshore_watch_failing\\{part=\"([^\"]+)\"}");

  /** Whoever adds a part strikes it in a test, and says in docs/metrics.md when it isn't live. */
  @Test
  void everyPartOfARunningOperatorIsStruckAndInTheDocs() throws Exception {
    Set<String> struck = new TreeSet<>(ELSEWHERE);
    for (Class<?> test :
        ReflectionSupport.findAllClassesInPackage(
            "dev.longshore.operator", _ -> true, name -> name.endsWith("Test"))) {
      AnnotationSupport.findAnnotatedMethods(test, Strikes.class, HierarchyTraversalMode.TOP_DOWN)
          .forEach(method -> struck.addAll(List.of(method.getAnnotation(Strikes.class).value())));
    }
    Set<String> running = new TreeSet<>(parts());
    running.add(STANDALONE);
    assertThat(struck).isEqualTo(running);
    String docs = Files.readString(docs());
    assertThat(running).allSatisfy(part -> assertThat(docs).contains("`" + part + "`"));
  }

  private static Path docs() {
    return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
        .limit(5)
        .map(folder -> folder.resolve("docs/metrics.md"))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow();
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
                new ConfigBuilder().withMasterUrl("http://127.0.0.1:9").build());
        HttpClient client = HttpClient.newHttpClient()) {
      operator.start();
      URI metrics =
          URI.create("http://127.0.0.1:" + operator.metricsAddress().getPort() + "/metrics");
      String page =
          client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
      Set<String> parts = new TreeSet<>();
      Matcher found = PART.matcher(page);
      while (found.find()) {
        parts.add(found.group(1));
      }
      return parts;
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
