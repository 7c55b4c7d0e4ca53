package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Map;

/** Redirects to https, and what requests say of how they came. */
final class Routing implements Family {
  private final NginxAnnotations nginx;
  private final boolean tls;

  /** Of an Ingress. */
  Routing(NginxAnnotations nginx, boolean tls) {
    this.nginx = nginx;
    this.tls = tls;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "ssl-redirect" -> {
        if (NginxAnnotations.isFalse(value) && !nginx.isForced()) {
          served.state(SingleLeaves.INSECURE, Insecure.ALLOW, at);
          served.same(at, Map.of("insecure", "Allow"));
          if (tls) {
            Served.translated(found, at, "longshore.dev/insecure: Allow");
          }
        }
      }
      case "force-ssl-redirect", "redirect-to-https" -> {
        if (tls) {
          found.note(Reason.NO_EFFECT, at, "no effect here: hosts in spec.tls are redirected");
        } else {
          found.note(
              Reason.TRANSLATED,
              at,
              "is served without spec.tls where https comes to the host: by the LongshoreConfig's"
                  + " default certificate, or by what ends TLS in front");
        }
      }
      case "x-forwarded-prefix" -> prefix(value, at, served, found);
      case "server-alias" ->
          found.note(Reason.TRANSLATED, at, "is served: the rules are of these hosts as well");
      case "use-regex" ->
          found.note(
              Reason.TRANSLATED,
              at,
              "is served: all paths of its hosts, those of other Ingresses too, are regular"
                  + " expressions, from the beginning and without regard to case, the longest"
                  + " first; Exact and Prefix as well");
      // Told where the paths are read.
      case "rewrite-target", "upstream-vhost" -> {}
      case "canary" ->
          found.note(
              Reason.TRANSLATED,
              at,
              "is served: it gets some of the requests for the Ingress with the same hosts and"
                  + " paths, whose other settings hold");
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  /** As there: only beside a rewrite. */
  private void prefix(String value, String at, Served served, Problems found) {
    if (nginx.rewriteTarget() == null) {
      found.note(
          Reason.NO_EFFECT,
          at,
          "no effect: by itself, without rewrite-target, it does" + " nothing");
      return;
    }
    try {
      if (value.indexOf('$') >= 0) {
        throw new IllegalArgumentException(Quote.of(value) + " has a variable");
      }
      String text = HeaderNames.unshown(value);
      served.header(Served.Direction.REQUEST, "X-Forwarded-Prefix", text, at);
      found.note(Reason.TRANSLATED, at, "is served: backends are told it");
    } catch (IllegalArgumentException e) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          "is not served, and the backend isn't told the prefix: " + e.getMessage());
    }
  }
}
