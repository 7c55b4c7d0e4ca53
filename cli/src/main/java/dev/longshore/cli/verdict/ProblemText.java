package dev.longshore.cli.verdict;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.ManifestProblem;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.verdict.Problem;

/** Writes a problem as compilers do: place first, so that editors and terminals can jump there. */
public final class ProblemText {
  private ProblemText() {}

  /** A problem of a manifest as a line, with its place. */
  public static String of(ManifestProblem problem) {
    String severity =
        switch (problem.severity()) {
          case ERROR -> "error";
          case WARNING -> "warning";
          case NOTE -> "note";
        };
    return problem.where()
        + ": "
        + severity
        + ": "
        + (problem.resource() == null ? "" : problem.resource() + ": ")
        + (problem.field().isEmpty() ? "" : problem.field() + ": ")
        + problem.message();
  }

  /** A problem of a resource as a line, with its place if it is known. */
  public static String of(ResourceRef ref, Problem problem, Whereabouts places) {
    String where = places.locate(ref, problem.fieldPath());
    return (where.isEmpty() ? "" : where + ": ")
        + (problem.severity() == Problem.Severity.WARNING ? "warning: " : "note: ")
        + ref
        + ": "
        + (problem.fieldPath().isEmpty() ? "" : problem.fieldPath() + ": ")
        + problem.message()
        + " ("
        + problem.reason()
        + ")";
  }
}
