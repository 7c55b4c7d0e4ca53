package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.operator.translate.PathReader.Place;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import org.jspecify.annotations.Nullable;

/** Reads the rewrites that annotations of an Ingress state, of ours and of ingress-nginx. */
final class IngressRewrites {
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
      path = foreignPath(text, problems);
    }
    if (foreignHost) {
      host = nginx.vhost();
    }
    if (path == null && host == null) {
      return Rewrite.NONE;
    }
    Problems found = new Problems();
    // What is closed as a regular expression has its own message.
    PathType type = place.type() == PathType.REGEX ? PathType.PREFIX : place.type();
    Rewrite rewrite = RewriteReader.read(new Location.Rewrite(path, host), type, "", found);
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
  private Location.@Nullable PathRewrite foreignPath(String text, Problems problems) {
    String target = nginx.rewriteTarget();
    if (target == null || target.equals(text)) {
      return null;
    }
    String at = NginxAnnotations.nginxPath("rewrite-target");
    if (target.indexOf('$') >= 0) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          Quote.of(target)
              + " takes parts of a regular expression, which is not served yet, so the rules answer"
              + " 503: to take away a prefix, write it as a path of type Prefix, and"
              + " longshore.dev/rewrite-path: /");
      return null;
    }
    return new Location.PathRewrite(Location.PathRewriteType.REPLACE_FULL, target);
  }
}
