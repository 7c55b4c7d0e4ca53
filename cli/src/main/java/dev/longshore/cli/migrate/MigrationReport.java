package dev.longshore.cli.migrate;

import dev.longshore.cli.migrate.Migration.Change;
import dev.longshore.cli.migrate.Migration.Moved;
import dev.longshore.cli.text.TextTable;
import dev.longshore.operator.translate.verdict.Problem;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints a migration: a summary first, then each Ingress of which there is something to say. */
final class MigrationReport {
  private static final List<String> HEADINGS =
      List.of("INGRESS", "HOSTS", "RESULT", "SERVED", "NO EFFECT", "CHANGED", "LOST", "503");
  private static final int HOSTS_SHOWN = 2;
  private static final int ABSENT_SHOWN = 10;

  private final Migration migration;
  private final PrintWriter out;

  MigrationReport(Migration migration, PrintWriter out) {
    this.migration = migration;
    this.out = out;
  }

  void print() {
    List<List<String>> rows = new ArrayList<>();
    migration.moved().forEach(moved -> rows.add(row(moved)));
    if (rows.isEmpty()) {
      out.println("no Ingress to move is here");
    } else {
      TextTable.lines(HEADINGS, rows).forEach(out::println);
    }
    out.printf(
        "%d Ingresses: %d as they were, %d changed, %d with something lost, %d with rules that"
            + " answer 503%n",
        rows.size(),
        count(Change.SERVED),
        count(Change.CHANGED),
        count(Change.LOST),
        count(Change.CLOSED));
    migration.moved().forEach(this::details);
    migration
        .left()
        .forEach(ref -> out.println("left to its own controller: " + ref + " (--class names it)"));
    if (!migration.absent().isEmpty()) {
      out.println(
          "note: not among the files, and taken as there: "
              + String.join(", ", migration.absent().stream().limit(ABSENT_SHOWN).toList())
              + (migration.absent().size() > ABSENT_SHOWN
                  ? " and " + (migration.absent().size() - ABSENT_SHOWN) + " more"
                  : ""));
    }
  }

  private long count(Change result) {
    return migration.moved().stream().filter(moved -> moved.result() == result).count();
  }

  private static List<String> row(Moved moved) {
    List<String> hosts = moved.hosts();
    return List.of(
        moved.ref().namespace() + "/" + moved.ref().name(),
        hosts.size() <= HOSTS_SHOWN
            ? String.join(",", hosts)
            : String.join(",", hosts.subList(0, HOSTS_SHOWN))
                + ","
                + (hosts.size() - HOSTS_SHOWN)
                + " more",
        switch (moved.result()) {
          case SERVED, NO_EFFECT -> "as it was";
          case CHANGED -> "changed";
          case LOST -> "lost something";
          case CLOSED -> "answers 503";
        },
        number(moved, Change.SERVED),
        number(moved, Change.NO_EFFECT),
        number(moved, Change.CHANGED),
        number(moved, Change.LOST),
        number(moved, Change.CLOSED));
  }

  private static String number(Moved moved, Change change) {
    return String.valueOf(moved.of(change).size());
  }

  private void details(Moved moved) {
    if (moved.findings().isEmpty()) {
      return;
    }
    out.println();
    out.println(moved.ref().namespace() + "/" + moved.ref().name());
    // What needs somebody's hand comes first.
    for (Change change : Change.values()) {
      Change worst = Change.values()[Change.values().length - 1 - change.ordinal()];
      for (Problem problem : moved.of(worst)) {
        out.printf("  %-9s  %s%n", label(worst), problem.text());
      }
    }
  }

  private static String label(Change change) {
    return change == Change.CLOSED
        ? "503"
        : change.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
