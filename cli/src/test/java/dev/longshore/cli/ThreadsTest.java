package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Issue 9: nothing dies in silence. Every thread that is started anywhere stands here, with the
 * part of the watch that tells when it is dead or stuck, or the reason why none does;
 * docs/metrics.md has both for people. Whoever adds a thread thinks of it.
 */
class ThreadsTest {
  private static final String ENDS = "ends by itself, with what it was started for";
  private static final String POOLED = "another of its pool takes the next task";
  private static final String DEMO = "of a demonstration, which nobody runs for others";

  private static final Map<String, String> THREADS =
      Map.ofEntries(
          // data plane and standalone
          Map.entry("longshore", "event-loops, deadlines, tunnels, probes"),
          Map.entry("longshore-access-log", "access-log"),
          Map.entry("longshore-drains", "drains"),
          Map.entry("longshore-memory", "memory"),
          Map.entry("longshore-push", "push"),
          Map.entry("longshore-apply", "apply"),
          Map.entry("longshore-state", "state"),
          Map.entry("manifests", "manifests"),
          Map.entry("reports", "reports"),
          Map.entry("publisher", "publisher"),
          Map.entry("longshore-push-names", ENDS),
          Map.entry("longshore-push-files", ENDS),
          Map.entry("longshore-drain", ENDS),
          Map.entry("longshore-shutdown", ENDS),
          Map.entry("termination", ENDS),
          // every process
          Map.entry("longshore-watch", "watch"),
          Map.entry("longshore-admin", "admin"),
          Map.entry("longshore-admin-pages", "admin"),
          // operator
          Map.entry("push", "push"),
          Map.entry("push-coordinator", "push"),
          Map.entry("push-encoder", "push-encoder"),
          Map.entry("data-planes", "data-planes"),
          Map.entry("leader-election", "leader-election"),
          Map.entry("events", "events"),
          Map.entry("operator-timer", "timer"),
          Map.entry("cluster-history", "cluster-history"),
          Map.entry("trust", "trust"),
          Map.entry("master-key", "master-key"),
          Map.entry("host-tenures", "host-tenures"),
          Map.entry("external-names", "external-names"),
          Map.entry("rereading", "informers"),
          Map.entry("external-name-", POOLED),
          Map.entry("token-review-", POOLED),
          Map.entry("longshore-passwords", POOLED),
          Map.entry("backends", DEMO),
          Map.entry("echo", DEMO));

  private static final Pattern NAMED =
      Pattern.compile(
          "(?:\\.name\\(|new (?:DefaultThreadFactory|KeeperThread)\\(|new Thread\\([^;]*?,"
              + " )\\s*\"([^\"]+)\"");

  /** What starts a thread that nobody gave a name. */
  private static final Pattern NAMELESS =
      Pattern.compile(
          "Executors\\.new\\w+\\(\\d*\\)|new Thread\\([^;\"]*\\);|new Timer\\(\\)\\.schedule"
              + "|\\b(?:run|supply)Async\\([^,;]*\\);|MultiThreadIoEventLoopGroup\\(\\d+, \\w+\\.");

  private static List<Path> sources() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String module : List.of("process", "dataplane/proxy", "operator", "cli")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
      }
    }
    return all;
  }

  @Test
  void everyThreadIsWatchedOrSaysWhyNot() throws Exception {
    TreeSet<String> found = new TreeSet<>();
    for (Path source : sources()) {
      String text = Files.readString(source);
      if (text.contains("Thread")) {
        Matcher named = NAMED.matcher(text);
        while (named.find()) {
          found.add(named.group(1));
        }
      }
      assertThat(NAMELESS.matcher(text).results().map(each -> each.group()).toList())
          .as("threads without a name in %s", source)
          .isEmpty();
    }
    assertThat(found).isEqualTo(new TreeSet<>(THREADS.keySet()));
  }

  @Test
  void thePartsAreInTheDocs() throws Exception {
    String docs = Files.readString(Path.of("../docs/metrics.md"));
    assertThat(THREADS.values())
        .filteredOn(value -> !List.of(ENDS, POOLED, DEMO).contains(value))
        .allSatisfy(
            parts ->
                assertThat(parts.split(", ")).allMatch(part -> docs.contains("`" + part + "`")));
  }
}
