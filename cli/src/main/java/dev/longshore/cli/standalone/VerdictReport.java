package dev.longshore.cli.standalone;

import dev.longshore.cli.text.TextTable;
import dev.longshore.cli.verdict.ProblemText;
import dev.longshore.cli.verdict.VerdictRow;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.verdict.Verdict;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Prints the verdicts of all resources, and after a change those of the resources that it touched.
 * Work per change is proportional to the change. Used by one thread.
 */
public final class VerdictReport implements Standalone.Reporter {
  private static final int ROWS_SHOWN = 200;
  private static final int PROBLEMS_SHOWN = 100;

  private final PrintStream out;
  private final FolderSource source;
  private final Clock clock;
  private View view = View.EMPTY;
  private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();
  private Set<String> problems = Set.of();
  private final StringBuilder block = new StringBuilder();
  private boolean programmed;

  public VerdictReport(PrintStream out, FolderSource source) {
    this.out = out;
    this.source = source;
    this.clock = Clock.systemDefaultZone();
  }

  @Override
  public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {
    programmed = errors.isEmpty();
    if (programmed) {
      say(
          String.format(
              Locale.ROOT,
              "%s applied version %s: %d rules, %d pools, %d endpoint sets (%.1f ms)",
              time(),
              snapshot.version().brief(),
              snapshot.rules().size(),
              snapshot.pools().size(),
              snapshot.endpointSets().size(),
              took.toNanos() / 1e6));
    } else {
      say(
          time()
              + " REJECTED version "
              + snapshot.version().brief()
              + " (what was served before stays; this is a bug, please report it):");
      errors.stream().limit(PROBLEMS_SHOWN).forEach(error -> say("  " + error));
    }
    flush();
  }

  @Override
  public void judged(FolderReading reading, Translation translation) {
    Set<ResourceRef> touched = touched(reading.view(), translation);
    view = reading.view();
    verdicts = translation.verdicts();
    printRows(touched);
    printGone(touched);
    printProblems(reading, touched);
    flush();
  }

  private void say(String line) {
    block.append(line).append(System.lineSeparator());
  }

  /** All at once: lines of the access log, from another thread, stand before it or after it. */
  private void flush() {
    out.print(block);
    out.flush();
    block.setLength(0);
  }

  private Set<ResourceRef> touched(View next, Translation translation) {
    Set<ResourceRef> touched = new TreeSet<>();
    for (Kind kind : Kind.withStatus()) {
      view.of(kind).diff(next.of(kind), (ref, older, newer) -> touched.add(ref));
    }
    verdicts.diff(translation.verdicts(), (ref, older, newer) -> touched.add(ref));
    return touched;
  }

  private void printRows(Set<ResourceRef> touched) {
    List<List<String>> rows = new ArrayList<>();
    int more = 0;
    for (ResourceRef ref : touched) {
      Verdict verdict = verdicts.get(ref);
      if (verdict == null || verdict.conditions().isEmpty()) {
        continue;
      }
      if (rows.size() < ROWS_SHOWN) {
        rows.add(VerdictRow.of(ref, verdict, view, programmed ? "True" : "False").cells());
      } else {
        more++;
      }
    }
    if (!rows.isEmpty()) {
      TextTable.lines(VerdictRow.HEADINGS, rows).forEach(this::say);
    }
    if (more > 0) {
      say("… and " + more + " more; `longshore check` lists all");
    }
  }

  private void printGone(Set<ResourceRef> touched) {
    touched.stream()
        .filter(ref -> view.get(ref) == null)
        .limit(ROWS_SHOWN)
        .forEach(ref -> say("gone: " + ref));
  }

  /** Problems of touched resources, and those of manifests that are new. */
  private void printProblems(FolderReading reading, Set<ResourceRef> touched) {
    List<String> lines = new ArrayList<>();
    Set<String> now = new HashSet<>();
    for (var problem : reading.problems()) {
      String line = ProblemText.of(problem);
      now.add(line);
      if (!problems.contains(line)) {
        lines.add(line);
      }
    }
    Whereabouts places = source.whereabouts();
    for (ResourceRef ref : touched) {
      Verdict verdict = verdicts.get(ref);
      // What could not be read is told above, with its line.
      if (verdict != null && view.refused().get(ref) == null) {
        verdict.problems().stream()
            .limit(Math.max(0, PROBLEMS_SHOWN + 1 - lines.size()))
            .forEach(problem -> lines.add(ProblemText.of(ref, problem, places)));
      }
    }
    problems = now;
    lines.stream().limit(PROBLEMS_SHOWN).forEach(this::say);
    if (lines.size() > PROBLEMS_SHOWN) {
      say("… and more; `longshore check` lists all");
    }
  }

  private LocalTime time() {
    return LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault())
        .truncatedTo(ChronoUnit.SECONDS);
  }
}
