package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.View;
import java.util.List;

/**
 * What a folder holds at one time.
 *
 * @param view the resources that count
 * @param problems what is wrong, by file and line
 */
public record FolderReading(View view, List<ManifestProblem> problems) {
  /** The reading of an empty folder. */
  public static final FolderReading EMPTY = new FolderReading(View.EMPTY, List.of());

  public FolderReading {
    problems = List.copyOf(problems);
  }

  /** Whether anything isn't served as it was written. */
  public boolean hasErrors() {
    return problems.stream().anyMatch(p -> p.severity() == ManifestProblem.Severity.ERROR);
  }

  /** Whether anything is taken as kubectl takes it, which may not be what was meant. */
  public boolean hasWarnings() {
    return problems.stream().anyMatch(p -> p.severity() == ManifestProblem.Severity.WARNING);
  }
}
