package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.contract.Cidr;
import dev.longshore.operator.translate.NginxSnippet.Meaning;
import dev.longshore.operator.translate.policy.AccessReader;
import dev.longshore.operator.translate.policy.Mistakes;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the annotations that an Ingress has for other controllers. None is dropped silently: each
 * is served, or said to be of no effect, or named with what to write in its place. Where one
 * decides who may come or where requests go, and can't be served, the rules answer 503. The names
 * are those of {@link ForeignTable}; the values of those that are served are read here, as
 * ingress-nginx reads them ({@code internal/ingress/annotations}).
 */
final class ForeignAnnotations {
  private static final String NGINX = "nginx.ingress.kubernetes.io/";
  private static final List<String> ALLOW =
      List.of("allowlist-source-range", "whitelist-source-range");
  private static final String DENY = "denylist-source-range";
  private static final String SSL_REDIRECT = "ssl-redirect";
  private static final String FORCE_SSL_REDIRECT = "force-ssl-redirect";
  private static final int LONGEST = 16 * 1024;

  private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0/0", "::/0");

  /** As Go's strconv.ParseBool. */
  private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False", "");

  /** What ingress-nginx itself leaves out where ACME servers ask ({@code no-auth-locations}). */
  private static final Pattern GUARD = Pattern.compile("(auth|limit|global-rate-limit).*");

  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\$\\{?(remote_addr|binary_remote_addr|(http|cookie|arg)_([a-zA-Z0-9_]+))}?");

  private static final Pattern CLIENTS_HOST =
      Pattern.compile("\\$(host|http_host|best_http_host|\\{(host|http_host|best_http_host)})");

  private final Map<String, String> annotations;
  private final boolean tls;
  private final Problems problems = new Problems();
  private final Problems withoutGuards = new Problems();

  /**
   * Reads annotations.
   *
   * @param tls whether the Ingress wants TLS for any host
   */
  ForeignAnnotations(@Nullable Map<String, String> annotations, boolean tls) {
    this.annotations = annotations == null ? Map.of() : new TreeMap<>(annotations);
    this.tls = tls;
    this.annotations.forEach(this::judge);
  }

  /** What is to be said; a fault concerns all rules. */
  Problems problems() {
    return problems;
  }

  /** The same without the faults that don't concern the paths that ACME servers ask for. */
  Problems problemsOfChallenges() {
    return withoutGuards;
  }

  /** A second Ingress for some of the requests of another one. */
  boolean isCanary() {
    return isOn("canary");
  }

  /** Whether paths are regular expressions. */
  boolean isRegex() {
    return isOn("use-regex");
  }

  /** What the path becomes; null: it stays. */
  @Nullable String rewriteTarget() {
    String target = nginx("rewrite-target");
    return target == null || target.isBlank() || hasOurs("rewrite-path") ? null : target.strip();
  }

  /** The Host that backends are told; null: the client's, which nginx has in variables. */
  @Nullable String vhost() {
    String host = nginx("upstream-vhost");
    return host == null
            || host.isBlank()
            || CLIENTS_HOST.matcher(host.strip()).matches()
            || hasOurs("rewrite-host")
        ? null
        : host.strip();
  }

  /** Whether endpoints are spoken to over TLS. */
  boolean isSecure() {
    String ours = annotations.get(IngressAnnotations.PREFIX + "backend-protocol");
    return ours == null
        ? "HTTPS".equals(protocol()) || isOn("secure-backends")
        : ours.strip().equals("wss");
  }

  /** The Secret whose certificates endpoints are verified by; null: the system's are. */
  @Nullable String sslSecret() {
    String secret = nginx("proxy-ssl-secret");
    return secret == null || secret.isBlank() ? null : secret.strip();
  }

  /** The name in endpoints' certificates; null: as without the annotation. */
  @Nullable String sslName() {
    String name = nginx("proxy-ssl-name");
    return name == null || name.isBlank() ? null : name.strip();
  }

  /** The policy that they state, under that of our own annotations. */
  Source policy() {
    List<String> allow = ranges(allowName());
    boolean clear =
        nginx(SSL_REDIRECT) != null && isFalse(nginx(SSL_REDIRECT)) && !isOn(FORCE_SSL_REDIRECT);
    return new Statements(Mistakes.REFUSE)
        .state(SingleLeaves.INSECURE, clear ? Insecure.ALLOW : null, nginxPath(SSL_REDIRECT))
        .state(
            AccessReader.ALLOW,
            allow == null || isEverybody(allow) ? null : allow,
            nginxPath(allowName()))
        .state(AccessReader.DENY, ranges(DENY), nginxPath(DENY));
  }

  static String path(String key) {
    return "metadata.annotations[" + key + "]";
  }

  /** The field path of an annotation of ingress-nginx. */
  static String nginxPath(String name) {
    return path(NGINX + name);
  }

  private void judge(String key, @Nullable String text) {
    int slash = key.indexOf('/');
    String prefix = key.substring(0, slash + 1);
    String name = key.substring(slash + 1);
    if (!ForeignTable.get().knows(prefix)) {
      return;
    }
    Problems found = new Problems();
    String value = text == null ? "" : text.strip();
    ForeignAnnotation row = ForeignTable.get().find(prefix, name);
    if (value.length() > LONGEST) {
      found.fault(Reason.INVALID, path(key), "is longer than " + LONGEST + " characters");
    } else if (row == null) {
      Set<String> names =
          ForeignTable.get().rows(prefix).stream()
              .map(ForeignAnnotation::pattern)
              .collect(Collectors.toCollection(TreeSet::new));
      found.warn(
          Reason.NOT_SUPPORTED,
          path(key),
          "that controller has no such annotation, so it did nothing there, and does nothing here"
              + Suggestions.of(name, names));
    } else {
      judge(row, key, name, value, found);
    }
    problems.addAll(found);
    if (prefix.equals(NGINX) && GUARD.matcher(name).matches()) {
      withoutGuards.mention(found);
    } else {
      withoutGuards.addAll(found);
    }
  }

  private void judge(ForeignAnnotation row, String key, String name, String value, Problems found) {
    String at = path(key);
    String sentence = filled(row.sentence(), value);
    String write = filled(equivalent(row), value);
    if (row.verdict() == ForeignAnnotation.Verdict.QUIET) {
      return;
    }
    if (row.off().contains(value.toLowerCase(Locale.ROOT))
        || (row.off().contains("false") && FALSE.contains(value))) {
      return;
    }
    if (value.isEmpty() && row.verdict() != ForeignAnnotation.Verdict.SERVE) {
      // As charts write what their values leave out; no controller takes it for anything.
      found.note(Reason.NO_EFFECT, at, "no effect: it is empty");
      return;
    }
    if (row.verdict() == ForeignAnnotation.Verdict.CLOSE
        && row.equivalent().equals("allow")
        && isAnyAddress(value)) {
      found.note(Reason.NO_EFFECT, at, "no effect: it lets everybody in");
      return;
    }
    if (!row.equivalent().isEmpty() && hasOurs(row.equivalent())) {
      found.note(
          Reason.NO_EFFECT, at, IngressAnnotations.PREFIX + row.equivalent() + " says it here");
      return;
    }
    switch (row.verdict()) {
      case SERVE -> serve(row, name, value, at, found);
      case WRITE ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not read here, and the rules go on without it: write longshore.dev/"
                  + write
                  + (sentence.isEmpty() ? "" : ", " + sentence));
      case LOST -> found.warn(Reason.NOT_SUPPORTED, at, "is not served: " + sentence);
      case NONE -> found.note(Reason.NO_EFFECT, at, "no effect here: " + sentence);
      case NEVER ->
          found.note(
              Reason.NO_EFFECT,
              at,
              "no effect here, nor with that controller, which has no such annotation: "
                  + sentence);
      case PART -> part(row, at, found);
      case CLOSE ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              "is not served, and decides who may come or where requests go, so the rules answer"
                  + " 503: "
                  + (write.isEmpty() ? "" : "write longshore.dev/" + write + " in its place")
                  + (write.isEmpty() || sentence.isEmpty() ? "" : "; ")
                  + sentence);
      case QUIET -> {}
    }
  }

  private void part(ForeignAnnotation row, String at, Problems found) {
    List<String> parents =
        row.parents().stream()
            .filter(parent -> annotations.containsKey(row.prefix() + parent))
            .toList();
    found.note(
        Reason.NO_EFFECT,
        at,
        parents.isEmpty()
            ? "no effect: by itself, without " + row.with() + ", it does nothing"
            : "is a part of " + parents.getFirst());
  }

  private void serve(ForeignAnnotation row, String name, String value, String at, Problems found) {
    switch (name) {
      case "allowlist-source-range", "whitelist-source-range" -> {
        if (!name.equals(allowName())) {
          found.note(Reason.NO_EFFECT, at, "no effect: " + allowName() + " goes before it");
        } else {
          ranges(value, "longshore.dev/allow", at, found);
        }
      }
      case "denylist-source-range" -> ranges(value, "longshore.dev/deny", at, found);
      case "backend-protocol" -> protocol(value, at, found);
      case "secure-backends" -> verified(at, found);
      case "proxy-ssl-secret", "proxy-ssl-name" -> {
        if (!isSecure()) {
          found.note(Reason.NO_EFFECT, at, "no effect: endpoints are not spoken to over TLS");
        }
      }
      case "configuration-snippet", "server-snippet", "location-snippets", "server-snippets" ->
          snippet(value, at, found);
      case "ssl-redirect" -> {
        if (FALSE.contains(value) && tls && !isOn(FORCE_SSL_REDIRECT)) {
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
      default -> throw new IllegalStateException("nobody reads " + row.pattern());
    }
  }

  private void ranges(String value, String ours, String at, Problems found) {
    List<String> listed = split(value);
    for (String range : listed) {
      if (found.parse(at, () -> Cidrs.enclosing(range)) == null) {
        return;
      }
    }
    if (listed.isEmpty() || (isEverybody(listed) && ours.endsWith("allow"))) {
      found.note(Reason.NO_EFFECT, at, "no effect: it lets everybody in");
    } else {
      found.note(
          Reason.TRANSLATED,
          at,
          "is served as "
              + ours
              + ": "
              + listed.stream().map(ForeignAnnotations::readable).collect(Collectors.joining(",")));
    }
  }

  private void protocol(String value, String at, Problems found) {
    switch (value.toUpperCase(Locale.ROOT)) {
      case "", "HTTP" -> {}
      case "HTTPS" -> verified(at, found);
      case "GRPC", "GRPCS", "FCGI", "AUTO_HTTP" ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              Quote.of(value)
                  + " is not spoken to backends yet, so the rules answer 503: HTTP and HTTPS are");
      default ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value)
                  + " is none of its values, and HTTP is spoken, as ingress-nginx does then: write"
                  + " HTTP or HTTPS");
    }
  }

  private void verified(String at, Problems found) {
    String served =
        "is served as longshore.dev/backend-protocol: wss, which verifies the endpoints'"
            + " certificates (ingress-nginx does not by itself) by ";
    if (sslSecret() == null) {
      found.warn(
          Reason.TRANSLATED,
          at,
          served
              + "the system's authorities; if theirs are others the answer is 502: name a Secret"
              + " with ca.crt in "
              + NGINX
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

  private String equivalent(ForeignAnnotation row) {
    String cookie = nginx("session-cookie-name");
    return row.pattern().equals("affinity") && cookie != null
        ? row.equivalent() + ": " + Quote.printable(cookie.strip())
        : row.verdict() == ForeignAnnotation.Verdict.PART ? "" : row.with();
  }

  private static String filled(String text, String value) {
    String shown = value.length() > 200 ? value.substring(0, 200) + "…" : value;
    boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    return text.replace("{s}", digits ? shown + "s" : shown).replace("{v}", shown);
  }

  /** Of both families. */
  private static boolean isEverybody(List<String> ranges) {
    return ranges.stream()
            .map(Cidr::enclosing)
            .filter(range -> range.length() == 0)
            .map(range -> range.network().length)
            .distinct()
            .count()
        == 2;
  }

  /** Every address of either family, or of both. */
  private static boolean isAnyAddress(String value) {
    List<String> ranges = split(value);
    return !ranges.isEmpty() && ranges.stream().allMatch(ANY_ADDRESS::contains);
  }

  private String allowName() {
    return ALLOW.stream().filter(name -> nginx(name) != null).findFirst().orElse(ALLOW.getLast());
  }

  /** Null when there are none; what can't be read has been told, and closes. */
  private @Nullable List<String> ranges(String name) {
    String value = nginx(name);
    if (value == null) {
      return null;
    }
    List<String> ranges = new ArrayList<>();
    for (String range : split(value)) {
      try {
        ranges.add(Cidrs.enclosing(range).text());
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
    return ranges.isEmpty() ? null : ranges;
  }

  private static List<String> split(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  /** As it is written, unless our own annotation would not read it so. */
  private static String readable(String range) {
    try {
      Cidrs.parse(range);
      return range;
    } catch (IllegalArgumentException e) {
      return Cidrs.enclosing(range).text();
    }
  }

  private String protocol() {
    String value = nginx("backend-protocol");
    return value == null ? "" : value.strip().toUpperCase(Locale.ROOT);
  }

  private boolean isOn(String name) {
    String value = nginx(name);
    return value != null && !isFalse(value);
  }

  private static boolean isFalse(@Nullable String value) {
    return value == null || FALSE.contains(value.strip());
  }

  private @Nullable String nginx(String name) {
    return annotations.get(NGINX + name);
  }

  private boolean hasOurs(String name) {
    return annotations.containsKey(IngressAnnotations.PREFIX + name);
  }
}
