package dev.longshore.cli;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.ManifestProblem;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.verdict.Problem;

/** Writes a problem as compilers do: place first, so that editors and terminals can jump there. */
final class ProblemText {
  private ProblemText() {}

  static String of(ManifestProblem problem) {
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

  static String of(ResourceRef ref, Problem problem, Whereabouts places) {
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
