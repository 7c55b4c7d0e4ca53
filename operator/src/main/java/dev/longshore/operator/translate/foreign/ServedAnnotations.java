package dev.longshore.operator.translate.foreign;

import dev.longshore.operator.translate.Cidrs;
import dev.longshore.operator.translate.Problems;
import dev.longshore.operator.translate.Quote;
import dev.longshore.operator.translate.Reason;
import dev.longshore.operator.translate.foreign.NginxSnippet.Meaning;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Says of those annotations of ingress-nginx whose values are served what they become here. */
final class ServedAnnotations {
  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\$\\{?(remote_addr|binary_remote_addr|(http|cookie|arg)_([a-zA-Z0-9_]+))}?");

  private final NginxAnnotations nginx;
  private final boolean tls;

  /**
   * Of an Ingress.
   *
   * @param tls whether it wants TLS for any host
   */
  ServedAnnotations(NginxAnnotations nginx, boolean tls) {
    this.nginx = nginx;
    this.tls = tls;
  }

  /** Says of an annotation whose value is served how it is. */
  void judge(String name, String value, String at, Problems found) {
    switch (name) {
      case "allowlist-source-range", "whitelist-source-range" -> {
        if (!name.equals(nginx.allowName())) {
          found.note(Reason.NO_EFFECT, at, "no effect: " + nginx.allowName() + " goes before it");
        } else {
          ranges(value, "longshore.dev/allow", at, found);
        }
      }
      case "denylist-source-range" -> ranges(value, "longshore.dev/deny", at, found);
      case "backend-protocol" -> protocol(value, at, found);
      case "secure-backends" -> verified("wss", at, found);
      case "proxy-ssl-secret", "proxy-ssl-name" -> {
        if (!nginx.isSecure()) {
          found.note(Reason.NO_EFFECT, at, "no effect: endpoints are not spoken to over TLS");
        }
      }
      case "configuration-snippet", "server-snippet", "location-snippets", "server-snippets" ->
          snippet(value, at, found);
      case "ssl-redirect" -> {
        if (NginxAnnotations.isFalse(value)
            && tls
            && !nginx.isOn(NginxAnnotations.FORCE_SSL_REDIRECT)) {
          found.note(Reason.TRANSLATED, at, "is served as longshore.dev/insecure: Allow");
        }
      }
      case "force-ssl-redirect", "redirect-to-https" -> {
        if (tls) {
          found.note(Reason.NO_EFFECT, at, "no effect here: hosts in spec.tls are redirected");
        } else {
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served without spec.tls: name the hosts there, or have what ends TLS in"
                  + " front redirect");
        }
      }
      case "load-balance" -> balancing(value, at, found);
      case "upstream-hash-by" -> hashing(value, at, found);
      // Told where the paths are read.
      case "use-regex" ->
          found.note(
              Reason.NO_EFFECT,
              at,
              "paths without anything special in them are of type Prefix here; regular expressions"
                  + " are not served in an Ingress yet");
      case "rewrite-target", "upstream-vhost", "canary" -> {}
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private static void ranges(String value, String ours, String at, Problems found) {
    List<String> listed = SourceRanges.split(value);
    for (String range : listed) {
      if (found.parse(at, () -> Cidrs.enclosing(range)) == null) {
        return;
      }
    }
    if (listed.isEmpty() || (SourceRanges.isEverybody(listed) && ours.endsWith("allow"))) {
      found.note(Reason.NO_EFFECT, at, "no effect: it lets everybody in");
    } else {
      found.note(
          Reason.TRANSLATED,
          at,
          "is served as "
              + ours
              + ": "
              + listed.stream().map(SourceRanges::readable).collect(Collectors.joining(",")));
    }
  }

  private void protocol(String value, String at, Problems found) {
    switch (value.toUpperCase(Locale.ROOT)) {
      case "", "HTTP" -> {}
      case "HTTPS" -> verified("wss", at, found);
      case "GRPC" ->
          found.note(
              Reason.TRANSLATED,
              at,
              "is served as longshore.dev/backend-protocol: h2c, in the clear");
      case "GRPCS" -> verified("h2", at, found);
      case "FCGI", "AUTO_HTTP" ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              Quote.of(value)
                  + " is not spoken to backends, so the rules answer 503: HTTP, HTTPS, GRPC and"
                  + " GRPCS are");
      default ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value)
                  + " is none of its values, and HTTP is spoken, as ingress-nginx does then: write"
                  + " HTTP, HTTPS, GRPC or GRPCS");
    }
  }

  private void verified(String protocol, String at, Problems found) {
    String served =
        "is served as longshore.dev/backend-protocol: "
            + protocol
            + ", which verifies the endpoints'"
            + " certificates (ingress-nginx does not by itself) by ";
    if (nginx.sslSecret() == null) {
      found.warn(
          Reason.TRANSLATED,
          at,
          served
              + "the system's authorities; if theirs are others the answer is 502: name a Secret"
              + " with ca.crt in "
              + NginxAnnotations.PREFIX
              + "proxy-ssl-secret");
    } else {
      found.note(Reason.TRANSLATED, at, served + "proxy-ssl-secret");
    }
  }

  private static void snippet(String value, String at, Problems found) {
    Meaning meaning = NginxSnippet.of(value);
    switch (meaning) {
      case DEFAULT ->
          found.note(
              Reason.NO_EFFECT, at, "no effect here: what it asks for is done for every WebSocket");
      case HARMLESS ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served, and the rules go on, for it closes nothing: timeouts are"
                  + " longshore.dev/idle-timeout and response-timeout, headers of answers"
                  + " spec.policy.headers of a WebSocketRoute");
      case UNKNOWN ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              "snippets of nginx configuration are not read, and this one may decide who may come"
                  + " or where requests go, so the rules answer 503: say it by longshore.dev/"
                  + " annotations such as allow, deny, origins and rewrite-path, and remove it");
    }
  }

  private static void balancing(String value, String at, Problems found) {
    switch (value) {
      case "round_robin" ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not read here, and connections go to the endpoint with the fewest: write"
                  + " longshore.dev/load-balancing: RoundRobin");
      case "ewma", "least_conn", "" ->
          found.note(
              Reason.NO_EFFECT,
              at,
              "no effect here: the endpoint with the fewest connections is next");
      default ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value)
                  + " is not read here: write longshore.dev/load-balancing, LeastConnections,"
                  + " RoundRobin, Random or ConsistentHash");
    }
  }

  private static void hashing(String value, String at, Problems found) {
    Matcher variable = VARIABLE.matcher(value);
    String by = null;
    if (variable.matches()) {
      String name = variable.group(3);
      by =
          switch (variable.group(2)) {
            case "http" -> "Header:" + name.replace('_', '-');
            case "cookie" -> "Cookie:" + name;
            case "arg" -> "Query:" + name;
            case null, default -> "ClientIP";
          };
    }
    found.warn(
        Reason.NOT_SUPPORTED,
        at,
        by == null
            ? "is not read here, and nothing like it can be hashed: hash a header, cookie, query"
                + " parameter or the client's address by longshore.dev/load-balancing:"
                + " ConsistentHash and longshore.dev/hash-on"
            : "is not read here: write longshore.dev/load-balancing: ConsistentHash and"
                + " longshore.dev/hash-on: "
                + by);
  }
}
