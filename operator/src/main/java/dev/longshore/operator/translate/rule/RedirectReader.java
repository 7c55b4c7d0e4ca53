package dev.longshore.operator.translate.rule;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction;
import dev.longshore.operator.translate.field.Fields;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import java.util.function.UnaryOperator;

/** Reads where a rule sends its clients. */
public final class RedirectReader {
  private static final int FOUND = 302;
  private static final List<Integer> STATUSES = List.of(301, 302, 303, 307, 308);

  private RedirectReader() {}

  /**
   * The redirect; with a fault it must not be used.
   *
   * @param path from a field ({@code path.value}) to its field path; of {@code ""} to its own
   */
  public static RuleAction.Redirect read(
      Location.Redirect redirect, PathType type, UnaryOperator<String> path, Problems problems) {
    String host = redirect.host();
    Integer port = redirect.port();
    Location.PathRewrite target = redirect.path();
    if (redirect.scheme() == null && host == null && port == null && target == null) {
      problems.fault(
          Reason.INVALID,
          path.apply(""),
          "leads to where it was asked, round in circles: give one of scheme, host, port and path");
    }
    int status = redirect.status() == null ? FOUND : redirect.status();
    if (!STATUSES.contains(status)) {
      problems.fault(
          Reason.INVALID, path.apply("status"), status + " is not 301, 302, 303, 307 or 308");
    }
    return new RuleAction.Redirect(
        switch (redirect.scheme()) {
          case null -> null;
          case HTTP -> "http";
          case HTTPS -> "https";
        },
        host == null ? null : problems.parse(path.apply("host"), () -> Names.object(host)),
        port == null
            ? null
            : problems.parse(path.apply("port"), () -> Fields.within(port, 1, 65_535)),
        target == null ? null : RewriteReader.path(target, type, path.apply("path"), problems),
        status,
        "");
  }
}
