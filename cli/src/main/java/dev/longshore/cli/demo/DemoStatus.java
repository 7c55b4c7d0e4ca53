package dev.longshore.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.cli.standalone.Standalone;
import dev.longshore.cli.verdict.ProblemText;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.source.folder.ManifestProblem;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.Translation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What the demo's page is told: the version that is served, the last changes, what is wrong. */
final class DemoStatus implements Standalone.Reporter {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int CHANGES_KEPT = 50;
  private static final int PROBLEMS_SHOWN = 20;

  private final Standalone.Reporter next;
  private final FolderSource source;
  private final Path folder;
  private final Deque<Change> changes = new ArrayDeque<>();
  private List<String> problems = List.of();
  private long count;

  /** One change of what is served, or of what is wrong. */
  private record Change(long number, Instant at, String version, String text) {}

  DemoStatus(Standalone.Reporter next, FolderSource source, Path folder) {
    this.next = next;
    this.source = source;
    this.folder = folder;
  }

  @Override
  public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {
    int endpoints = 0;
    for (var set : snapshot.endpointSets()) {
      endpoints += set.getValue().endpoints().size();
    }
    add(
        snapshot.version().brief() + snapshot.endpointsVersion().brief().substring(0, 4),
        errors.isEmpty()
            ? "applied: %d rules, %d pools, %d endpoints"
                .formatted(snapshot.rules().size(), snapshot.pools().size(), endpoints)
            : "rejected: " + errors.getFirst());
    next.applied(snapshot, errors, took);
  }

  private synchronized void add(String version, String text) {
    changes.addFirst(new Change(++count, Instant.now(), version, text));
    if (changes.size() > CHANGES_KEPT) {
      changes.removeLast();
    }
  }

  @Override
  public void judged(FolderReading reading, Translation translation) {
    List<String> found = new ArrayList<>();
    for (ManifestProblem problem : reading.problems()) {
      if (problem.severity() == ManifestProblem.Severity.ERROR) {
        found.add(ProblemText.of(problem));
      }
    }
    Whereabouts places = source.whereabouts();
    translation
        .verdicts()
        .forEach(
            (ref, verdict) -> {
              if (reading.view().refused().get(ref) == null) {
                verdict.problems().forEach(p -> found.add(ProblemText.of(ref, p, places)));
              }
            });
    synchronized (this) {
      problems = found.stream().sorted().limit(PROBLEMS_SHOWN).toList();
    }
    next.judged(reading, translation);
  }

  /** As JSON. */
  synchronized String json() {
    ObjectNode root = JSON.objectNode();
    root.put("file", folder.resolve("websocket.yaml").toString());
    root.put("version", changes.isEmpty() ? "" : changes.getFirst().version());
    ArrayNode list = root.putArray("changes");
    for (Change change : changes) {
      list.addObject()
          .put("number", change.number())
          .put("at", change.at().toEpochMilli())
          .put("version", change.version())
          .put("text", change.text());
    }
    ArrayNode wrong = root.putArray("problems");
    problems.forEach(wrong::add);
    return root.toString();
  }
}
