package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.contract.BoundedPattern;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.ingress.nginx.NginxRedirect;
import dev.longshore.operator.translate.ingress.nginx.Served;
import dev.longshore.operator.translate.rule.PathReader.Place;
import dev.longshore.operator.translate.rule.RedirectReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an Ingress's rules answer without asking their backends: as our own annotations say, or
 * those of ingress-nginx.
 */
final class IngressRedirects {
  private static final int FOUND = 302;
  private static final int PERMANENT = 308;

  private final IngressAnnotations annotations;
  private final NginxAnnotations nginx;
  private final Served served;

  IngressRedirects(IngressAnnotations annotations, NginxAnnotations nginx, Served served) {
    this.annotations = annotations;
    this.nginx = nginx;
    this.served = served;
  }

  /** Whether a rule answers by itself. */
  boolean answers(Place place) {
    return all() || (served.root() != null && isRoot(place));
  }

  private boolean all() {
    return annotations.redirect() != null
        || annotations.respond() != null
        || served.redirect() != null;
  }

  /** What a rule answers that does so; with a fault it must not be used. */
  RuleAction.Served of(Place place, Problems problems) {
    Location.Redirect redirect = annotations.redirect();
    NginxRedirect theirs = served.redirect();
    if (redirect != null) {
      return RedirectReader.read(redirect, place.type(), annotations::redirectPath, problems);
    } else if (annotations.respond() != null) {
      return new RuleAction.Respond("");
    } else if (theirs == null) {
      return root();
    }
    try {
      return theirs.at(place.type(), place.path());
    } catch (IllegalArgumentException e) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE, served.redirectPath(), String.valueOf(e.getMessage()));
      return new RuleAction.Respond("");
    }
  }

  /** Whether requests for {@code /}, among others of a rule, are sent elsewhere. */
  boolean hasRootOf(Place place) {
    return served.root() != null && !all() && !isRoot(place) && takesRoot(place);
  }

  private static boolean isRoot(Place place) {
    return place.type() == PathType.EXACT && place.path().equals("/");
  }

  private static boolean takesRoot(Place place) {
    return switch (place.type()) {
      case PREFIX, EXACT -> place.path().equals("/");
      case REGEX -> BoundedPattern.compile(place.path()).matcher("/").lookingAt();
    };
  }

  /** Where {@code /} is sent. */
  Redirect root() {
    String to = served.root();
    return new Redirect(
        null,
        null,
        null,
        new PathRewrite(PathRewrite.Type.REPLACE_TARGET, to == null ? "/" : to),
        FOUND,
        "");
  }

  /**
   * The other names of hosts, with or without {@code www}, that no rule has, and whose they are.
   */
  Map<String, HostClaim> others(Map<String, HostClaim> hosts) {
    Map<String, HostClaim> others = new LinkedHashMap<>();
    hosts.forEach(
        (host, claim) -> {
          String other =
              host.equals(RuleKey.ANY_HOST) || claim.fault() != null ? null : nginx.otherName(host);
          if (other != null && !hosts.containsKey(other)) {
            others.putIfAbsent(other, claim);
          }
        });
    return others;
  }

  /** The field path of what makes others. */
  String at() {
    return NginxAnnotations.nginxPath("from-to-www-redirect");
  }

  /** To another host, for the same. */
  static Redirect toHost(String host) {
    return new Redirect(null, host, null, null, PERMANENT, "");
  }
}
