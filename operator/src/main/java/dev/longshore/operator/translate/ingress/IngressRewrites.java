package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.rule.PathReader.Place;
import dev.longshore.operator.translate.rule.RewriteReader;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the rewrites that annotations of an Ingress state, of ours and of ingress-nginx. */
final class IngressRewrites {
  private static final Pattern GROUP = Pattern.compile("\\$[1-9]");

  private final IngressAnnotations annotations;
  private final NginxAnnotations nginx;

  IngressRewrites(IngressAnnotations annotations, NginxAnnotations nginx) {
    this.annotations = annotations;
    this.nginx = nginx;
  }

  /**
   * The rewrite of a rule. Our own annotations go first; then those of ingress-nginx.
   *
   * @param text the path as it is written
   */
  Rewrite read(Place place, String text, Problems problems) {
    if (AcmeChallenges.cover(place.type(), place.path())) {
      return Rewrite.NONE;
    }
    Location.Rewrite own = annotations.rewrite();
    Location.PathRewrite path = own == null ? null : own.path();
    String host = own == null ? null : own.host();
    boolean foreignPath = path == null;
    boolean foreignHost = host == null;
    if (foreignPath) {
      path = foreignPath(text);
    }
    if (foreignHost) {
      host = nginx.vhost();
    }
    if (path == null && host == null) {
      return Rewrite.NONE;
    }
    Problems found = new Problems();
    boolean groups = foreignPath && path != null && String.valueOf(path.value()).indexOf('$') >= 0;
    Rewrite rewrite =
        RewriteReader.read(
            new Location.Rewrite(groups ? null : path, host), place.type(), "", found);
    if (groups && path != null) {
      PathRewrite made = groups(String.valueOf(path.value()), place, problems);
      if (made == null) {
        return rewrite;
      }
      rewrite = new Rewrite(made, rewrite.host());
    }
    for (Problem problem : found.all()) {
      boolean ofHost = problem.fieldPath().startsWith(".host");
      problems.fault(
          Reason.labelled(problem.reason()),
          ofHost
              ? foreignHost
                  ? NginxAnnotations.nginxPath("upstream-vhost")
                  : IngressAnnotations.rewritePath("host")
              : foreignPath
                  ? NginxAnnotations.nginxPath("rewrite-target")
                  : IngressAnnotations.rewritePath("path"),
          problem.message());
    }
    if (foreignPath && path != null && !found.hasFault()) {
      problems.note(
          Reason.TRANSLATED,
          NginxAnnotations.nginxPath("rewrite-target"),
          "is served: the whole path becomes "
              + Quote.of(path.value())
              + "; to replace the path of the rule alone, write longshore.dev/rewrite-path");
    }
    if (foreignHost && host != null && !found.hasFault()) {
      problems.note(
          Reason.TRANSLATED,
          NginxAnnotations.nginxPath("upstream-vhost"),
          "is served as longshore.dev/rewrite-host: " + host);
    }
    return rewrite;
  }

  /** As ingress-nginx does: the whole path becomes the target, unless the target is the path. */
  private Location.@Nullable PathRewrite foreignPath(String text) {
    String target = nginx.rewriteTarget();
    if (target == null || target.equals(text)) {
      return null;
    }
    return new Location.PathRewrite(Location.PathRewriteType.REPLACE_FULL, target);
  }

  /** A target that takes groups of the path; null: with a fault. */
  private static @Nullable PathRewrite groups(String target, Place place, Problems problems) {
    String at = NginxAnnotations.nginxPath("rewrite-target");
    Matcher group = GROUP.matcher(target);
    int count = (int) group.results().count();
    String literal = group.reset().replaceAll("x");
    if (literal.indexOf('$') >= 0 || count > HardLimits.GROUPS_PER_REWRITE) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          Quote.of(target)
              + " has variables other than $1 to $9, or more than "
              + HardLimits.GROUPS_PER_REWRITE
              + " of those, so the rules answer 503");
      return null;
    }
    String path = target.startsWith("$") ? "/" + literal : literal;
    if (problems.parse(at, () -> RewriteReader.value(path)) == null) {
      return null;
    }
    // What is left of a host has no groups.
    return place.type() == PathType.REGEX
        ? new PathRewrite(PathRewrite.Type.REPLACE_MATCH, target)
        : new PathRewrite(
            PathRewrite.Type.REPLACE_FULL, RewriteReader.value(group.reset().replaceAll("")));
  }
}
