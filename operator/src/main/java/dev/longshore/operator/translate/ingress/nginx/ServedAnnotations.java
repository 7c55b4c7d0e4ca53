package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads those annotations of ingress-nginx whose values are served, each by its family. */
public final class ServedAnnotations {
  /** Without a value they say something. */
  private static final Set<String> SWITCHES = Set.of("ssl-redirect");

  private final Map<String, Family> families = new HashMap<>();
  private final Served served = new Served();

  /**
   * Of an Ingress.
   *
   * @param tls whether it wants TLS for any host
   */
  public ServedAnnotations(NginxAnnotations nginx, boolean tls) {
    read(
        new TimeOuts(nginx),
        "proxy-connect-timeout",
        "proxy-read-timeout",
        "proxy-send-timeout",
        "proxy-next-upstream",
        "proxy-next-upstream-tries");
    read(
        new Balancing(nginx),
        "affinity",
        "affinity-canary-behavior",
        "session-cookie-name",
        "session-cookie-path",
        "session-cookie-expires",
        "session-cookie-max-age",
        "session-cookie-samesite",
        "session-cookie-domain",
        "load-balance",
        "lb-method",
        "upstream-hash-by");
    read(
        new Access(nginx),
        "allowlist-source-range",
        "whitelist-source-range",
        "denylist-source-range",
        "limit-connections",
        "limit-rps",
        "limit-rpm",
        "limit-burst-multiplier",
        "limit-allowlist",
        "limit-whitelist");
    read(
        new AuthService(nginx),
        "auth-url",
        "auth-method",
        "auth-response-headers",
        "auth-signin",
        "auth-signin-redirect-param",
        "auth-cache-key",
        "auth-cache-duration",
        "auth-request-redirect",
        "auth-always-set-cookie",
        "auth-proxy-set-headers",
        "auth-snippet");
    read(
        new Passwords(nginx),
        "auth-type",
        "auth-secret",
        "auth-secret-type",
        "auth-realm",
        "satisfy");
    read(
        new CrossOrigin(nginx),
        "enable-cors",
        "cors-allow-origin",
        "cors-allow-methods",
        "cors-allow-headers",
        "cors-allow-credentials",
        "cors-expose-headers",
        "cors-max-age");
    read(
        new Redirects(nginx),
        "permanent-redirect",
        "permanent-redirect-code",
        "temporal-redirect",
        "temporal-redirect-code",
        "app-root",
        "from-to-www-redirect");
    read(
        new Routing(nginx, tls),
        "ssl-redirect",
        "force-ssl-redirect",
        "redirect-to-https",
        "x-forwarded-prefix",
        "server-alias",
        "use-regex",
        "rewrite-target",
        "upstream-vhost",
        "canary");
    read(
        new Backend(nginx),
        "backend-protocol",
        "secure-backends",
        "proxy-ssl-secret",
        "proxy-ssl-name");
    read(new AnswerHeaders(nginx), "hsts", "proxy-hide-headers");
    read(
        new Snippets(),
        "configuration-snippet",
        "location-snippets",
        "server-snippet",
        "server-snippets");
  }

  private void read(Family family, String... names) {
    for (String name : names) {
      families.put(name, family);
    }
  }

  /** Reads one, states what it means, and says how it is served. */
  public void judge(String name, String value, String at, Problems found) {
    Family family = families.get(name);
    if (family == null) {
      throw new IllegalStateException("nobody reads " + name);
    }
    if (value.isEmpty() && !SWITCHES.contains(name)) {
      // As charts write what their values leave out; no controller takes it for anything.
      found.note(Reason.NO_EFFECT, at, "no effect: it is empty");
    } else {
      family.judge(name, value, at, served, found);
    }
  }

  /** What was read so far. */
  public Served served() {
    return served;
  }
}
