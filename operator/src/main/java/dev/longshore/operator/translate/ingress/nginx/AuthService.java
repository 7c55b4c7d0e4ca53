package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Auth.External;
import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.Durations;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.policy.ExternalAuthReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The service that is asked whether a request may pass. Its URL has to name a Service of the
 * Ingress's own namespace: a URL that anybody may write would make the data plane ask what its
 * author can't reach. Whatever can't be served closes the rules, but for where browsers sign in.
 */
final class AuthService implements Family {
  private static final Pattern SERVICE =
      Pattern.compile(
          "(https?)://([a-z0-9]([a-z0-9-]{0,62}))\\.([a-z0-9][a-z0-9-]{0,62})\\.svc"
              + "(?:\\.cluster\\.local)?\\.?(?::([0-9]{1,5}))?(/[!-~&&[^?#]]{0,1023})?");

  private static final Pattern KEY =
      Pattern.compile(
          "\\$\\{?(?:(http|cookie|arg)_([A-Za-z0-9_]{1,64})|(remote_user|host|http_host|scheme"
              + "|request_method|uri|request_uri))}?");

  private static final Pattern HELD = Pattern.compile("((?:[0-9]{3} +)*)([0-9]+[smhd]?)");

  /** nginx tells the service all of them; these are what such services read. */
  private static final List<String> FORWARDED =
      List.of(
          "Authorization",
          "Cookie",
          "Accept",
          "Accept-Language",
          "Origin",
          "Referer",
          "User-Agent",
          "X-Api-Key",
          "X-Auth-Token",
          "X-Requested-With");

  /** Of what a key names, what answers are told apart by anyway. */
  private static final Set<String> ALWAYS =
      Set.of("host", "http_host", "scheme", "request_method", "uri");

  private static final String TIMEOUT = "1m";
  private static final Duration HELD_BY_DEFAULT = Duration.ofMinutes(5);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int MOST_HEADERS = 32;
  private static final int MOST_SOURCES = 8;
  private static final String CLOSED =
      "is not served, and decides who may come, so the rules" + " answer 503: ";

  private final NginxAnnotations nginx;

  AuthService(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    if (name.equals("auth-url")) {
      serve(value, at, served, found);
    } else if (!nginx.isWritten("auth-url")) {
      found.note(Reason.NO_EFFECT, at, "no effect: by itself, without auth-url, it does nothing");
    } else if (nginx.hasOurs("auth-service")) {
      found.note(Reason.NO_EFFECT, at, "longshore.dev/auth-service says it here");
    } else {
      part(name, value, at, found);
    }
  }

  private void part(String name, String value, String at, Problems found) {
    switch (name) {
      case "auth-method" -> {
        if (value.equals("GET")) {
          found.note(Reason.NO_EFFECT, at, "no effect here: the service is asked by GET");
        } else {
          fault(at, "the service is asked by GET, and told the method in X-Original-Method", found);
        }
      }
      case "auth-response-headers" -> {
        if (found.parse(at, () -> headers(value)) != null) {
          found.note(Reason.TRANSLATED, at, "is served with auth-url");
        }
      }
      case "auth-signin" -> {
        if (SignInUrl.read(value, nginx.nginx("auth-signin-redirect-param")) == null) {
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served, and who has to sign in gets 401: it is not a URL such as"
                  + " https://login.example.com/oauth2/start; of variables it may have $scheme,"
                  + " $host and $escaped_request_uri");
        } else {
          found.note(
              Reason.TRANSLATED, at, "is served: in place of a 401 of the service, 302 to there");
        }
      }
      case "auth-signin-redirect-param" ->
          found.note(Reason.TRANSLATED, at, "is served with auth-signin");
      case "auth-cache-key" -> {
        if (key(value) == null) {
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served, and the service is asked about every request: "
                  + Quote.of(value)
                  + " has something beside $remote_user, $http_x, $cookie_x and $arg_x");
        } else {
          found.note(Reason.TRANSLATED, at, "is served: 2xx answers are kept");
        }
      }
      case "auth-cache-duration" -> {
        if (held(value) == null) {
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value) + " is not served, and nothing is kept: write 200 202 5m");
        } else {
          found.note(
              Reason.TRANSLATED, at, "is served with auth-cache-key: of answers of 2xx alone");
        }
      }
      case "auth-request-redirect" ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served: the service is told what was asked for in X-Original-URL and"
                  + " X-Forwarded-Uri");
      case "auth-always-set-cookie" ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not served: cookies come to the client with the service's 401, 403 and"
                  + " redirects, and not with what it lets pass");
      case "auth-proxy-set-headers" ->
          fault(at, "the service is told no headers of a ConfigMap: remove it", found);
      case "auth-snippet" ->
          fault(at, "snippets of nginx configuration are not read: remove it", found);
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private static void fault(String at, String why, Problems found) {
    found.fault(Reason.UNSUPPORTED_VALUE, at, CLOSED + why);
  }

  private void serve(String value, String at, Served served, Problems found) {
    Matcher url = SERVICE.matcher(value);
    String namespace = nginx.namespace();
    String write =
        "write http://SERVICE."
            + namespace
            + ".svc.cluster.local:PORT/PATH, a Service of the"
            + " namespace of the Ingress";
    if (value.length() > 2048 || !url.matches()) {
      // It may hold a password, or a token, so it isn't repeated.
      fault(
          at,
          (value.indexOf('$') >= 0
                  ? "it has a variable, which no Service has: "
                  : "it is not the URL of a Service of the cluster, without a query: ")
              + write,
          found);
      return;
    }
    if (!url.group(4).equals(namespace)) {
      found.fault(
          Reason.REF_NOT_PERMITTED,
          at,
          CLOSED
              + Quote.of(url.group(2) + "." + url.group(4))
              + " is of another namespace: "
              + write);
      return;
    }
    boolean tls = url.group(1).equals("https");
    int port = url.group(5) == null ? (tls ? 443 : 80) : Integer.parseInt(url.group(5));
    served.guard(
        ExternalAuthReader.EXTERNAL,
        new External(
            new ServiceRef(url.group(2), new ServiceRef.Port(port, null)),
            url.group(6) == null ? "/" : url.group(6),
            TIMEOUT,
            FORWARDED,
            copied(),
            tls ? new Upstream.Tls(null, null, null) : null,
            null,
            cache(),
            null,
            null,
            signIn()),
        at);
    found.note(
        Reason.TRANSLATED,
        at,
        "is served as longshore.dev/auth-service: "
            + url.group(2)
            + ":"
            + port
            + Quote.printable(url.group(6) == null ? "/" : url.group(6))
            + ", which is told method and URL, and of the request "
            + String.join(", ", FORWARDED)
            + (tls ? "; its certificate is verified by the system's authorities" : ""));
  }

  private @Nullable String signIn() {
    String text = nginx.nginx("auth-signin");
    return text == null || text.isBlank()
        ? null
        : SignInUrl.read(text.strip(), nginx.nginx("auth-signin-redirect-param"));
  }

  /** Those that are read; a mistake in them is a fault by itself. */
  private List<String> copied() {
    String text = nginx.nginx("auth-response-headers");
    try {
      return text == null || text.isBlank() ? List.of() : headers(text);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  private static List<String> headers(String text) {
    List<String> names =
        Arrays.stream(text.split(",", MOST_HEADERS + 2))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList();
    if (names.size() > MOST_HEADERS) {
      throw new IllegalArgumentException("names more than " + MOST_HEADERS + " headers");
    }
    names.forEach(HeaderNames::editable);
    return names;
  }

  private External.@Nullable Cache cache() {
    String text = nginx.nginx("auth-cache-key");
    String duration = nginx.nginx("auth-cache-duration");
    List<External.CacheSource> sources = text == null || text.isBlank() ? null : key(text.strip());
    Duration held =
        duration == null || duration.isBlank() ? HELD_BY_DEFAULT : held(duration.strip());
    return sources == null || held == null || held.isZero()
        ? null
        : new External.Cache(sources, Durations.format(held));
  }

  /** What answers depend on; null: on what can't be told, or on nothing of the client. */
  private static @Nullable List<External.CacheSource> key(String text) {
    List<External.CacheSource> sources = new ArrayList<>();
    Matcher variable = KEY.matcher(text);
    int end = 0;
    while (variable.find()) {
      if (!between(text.substring(end, variable.start()))) {
        return null;
      }
      end = variable.end();
      String kind = variable.group(1);
      String name = variable.group(2);
      if (kind == null) {
        if (variable.group(3).equals("remote_user")) {
          sources.add(new External.CacheSource(External.CacheSourceType.HEADER, "Authorization"));
        } else if (!ALWAYS.contains(variable.group(3))) {
          return null;
        }
        continue;
      }
      sources.add(
          switch (kind) {
            case "http" ->
                new External.CacheSource(
                    External.CacheSourceType.HEADER,
                    name.replace('_', '-').toLowerCase(Locale.ROOT));
            case "cookie" -> new External.CacheSource(External.CacheSourceType.COOKIE, name);
            default -> new External.CacheSource(External.CacheSourceType.QUERY, name);
          });
    }
    return sources.isEmpty() || sources.size() > MOST_SOURCES || !between(text.substring(end))
        ? null
        : sources;
  }

  private static boolean between(String text) {
    return text.length() <= 16 && text.indexOf('$') < 0;
  }

  /** How long answers of 2xx are kept, of {@code 200 202 401 5m, 403 1m}; null: it isn't read. */
  private static @Nullable Duration held(String text) {
    Duration held = Duration.ZERO;
    for (String each : text.split(",", 9)) {
      Matcher one = HELD.matcher(each.strip());
      Duration time;
      try {
        time = one.matches() ? NginxTime.parse(one.group(2)) : null;
      } catch (IllegalArgumentException e) {
        time = null;
      }
      if (time == null || time.compareTo(LONGEST) > 0) {
        return null;
      }
      if (one.group(1).isEmpty() || one.group(1).startsWith("2") || one.group(1).contains(" 2")) {
        held = held.isZero() || time.compareTo(held) < 0 ? time : held;
      }
    }
    return held;
  }
}
