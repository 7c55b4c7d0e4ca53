package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Policy.Credentials;
import dev.longshore.contract.Durations;
import dev.longshore.contract.policy.Cors;
import dev.longshore.operator.translate.policy.CorsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may read answers, with ingress-nginx's defaults ({@code
 * internal/ingress/annotations/cors}): every page, all that people ask for, and the visitor's
 * credentials. Every origin <em>with</em> credentials is what no browser accepts, so it is every
 * origin without: what pages see is the same, and nothing tells a proxy in between otherwise.
 */
final class CrossOrigin implements Family {
  private static final List<String> METHODS =
      List.of("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS");

  private static final List<String> HEADERS =
      List.of(
          "DNT",
          "Keep-Alive",
          "User-Agent",
          "X-Requested-With",
          "If-Modified-Since",
          "Cache-Control",
          "Content-Type",
          "Range",
          "Authorization");

  private static final Duration MAX_AGE = Duration.ofDays(20);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Pattern METHOD = Pattern.compile("[A-Za-z]{1,32}");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,8}");
  private static final int MOST_ORIGINS = 128;
  private static final int MOST_NAMES = 64;

  private final NginxAnnotations nginx;

  CrossOrigin(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    if (name.equals("enable-cors")) {
      serve(at, served, found);
    } else if (!nginx.isOn("enable-cors")) {
      found.note(
          Reason.NO_EFFECT, at, "no effect: by itself, without enable-cors, it does nothing");
    } else if (nginx.hasOurs("cors-origins")) {
      found.note(Reason.NO_EFFECT, at, "longshore.dev/cors-origins says it here");
    } else {
      part(name, value, at, found);
    }
  }

  private void serve(String at, Served served, Problems found) {
    List<String> origins = origins();
    if (origins.isEmpty()) {
      found.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          "is not served, for nothing in cors-allow-origin is an origin such as"
              + " https://app.example.com, and without one the backend's own word would hold, so"
              + " the rules answer 503");
      return;
    }
    boolean all = origins.contains(Cors.ALL);
    boolean asked = credentials();
    boolean credentials = asked && !all;
    served.state(CorsReader.ORIGINS, origins, at);
    served.state(CorsReader.METHODS, methods(), at);
    served.state(CorsReader.HEADERS, headers(), at);
    served.state(CorsReader.EXPOSED_HEADERS, exposed(credentials), at);
    served.state(CorsReader.CREDENTIALS, credentials ? Credentials.ALLOW : Credentials.DENY, at);
    served.state(CorsReader.MAX_AGE, Durations.format(maxAge()), at);
    Served.translated(
        found,
        at,
        "longshore.dev/cors-origins: "
            + shown(origins)
            + " and what belongs to it, "
            + (credentials
                ? "with credentials"
                : asked
                    ? "without credentials, which browsers refuse beside *: name the origins in"
                        + " cors-allow-origin for pages that send cookies"
                    : "without credentials")
            + "; WebSockets are not bound by it: which pages may open them is"
            + " longshore.dev/origins");
  }

  private static String shown(List<String> origins) {
    return Quote.printable(String.join(",", origins.subList(0, Math.min(origins.size(), 3))))
        + (origins.size() > 3 ? ",…" : "");
  }

  private void part(String name, String value, String at, Problems found) {
    String wrong =
        switch (name) {
          case "cors-allow-origin" -> unread();
          case "cors-allow-methods" ->
              names(value, METHOD) == null ? "is not a list of methods; the default holds" : null;
          case "cors-allow-headers" ->
              names(value, NAME) == null
                  ? "is not a list of names of headers; the default holds"
                  : null;
          case "cors-expose-headers" ->
              names(value.replace(Cors.ALL, "all"), NAME) == null
                  ? "is not a list of names of headers; none is shown to pages"
                  : null;
          case "cors-allow-credentials" ->
              isSwitch(value) ? null : Quote.of(value) + " is neither true nor false; true holds";
          case "cors-max-age" ->
              SECONDS.matcher(value).matches()
                  ? null
                  : Quote.of(value) + " is not a whole number of seconds; the default holds";
          default -> throw new IllegalStateException("nobody reads " + name);
        };
    if (wrong == null) {
      found.note(Reason.TRANSLATED, at, "is served with enable-cors");
    } else {
      found.warn(Reason.NOT_SUPPORTED, at, wrong);
    }
  }

  /** What of the origins isn't one; null: nothing. */
  private @Nullable String unread() {
    List<String> bad =
        written().stream().filter(text -> !text.isEmpty() && !isOrigin(text)).toList();
    if (written().size() > MOST_ORIGINS) {
      return "names more than " + MOST_ORIGINS + " origins; pages of the others read nothing";
    }
    return bad.isEmpty() || written().contains(Cors.ALL)
        ? null
        : Quote.of(bad.getFirst())
            + " is not an origin such as https://app.example.com or https://*.example.com; its"
            + " pages read nothing";
  }

  private List<String> written() {
    String text = nginx.nginx("cors-allow-origin");
    return text == null || text.isBlank()
        ? List.of(Cors.ALL)
        : Arrays.stream(text.split(",", MOST_ORIGINS + 2)).map(String::strip).toList();
  }

  /** As there: those that are none are left out, and {@code *} stands for all. */
  private List<String> origins() {
    List<String> listed = written();
    if (listed.contains(Cors.ALL)) {
      return List.of(Cors.ALL);
    }
    return listed.stream().filter(CrossOrigin::isOrigin).distinct().limit(MOST_ORIGINS).toList();
  }

  private static boolean isOrigin(String text) {
    return CorsReader.isOrigin(text);
  }

  private List<String> methods() {
    List<String> listed = names("cors-allow-methods", METHOD, METHODS);
    return listed.stream().map(method -> method.toUpperCase(Locale.ROOT)).distinct().toList();
  }

  private List<String> headers() {
    return names("cors-allow-headers", NAME, HEADERS);
  }

  /** Beside credentials a star is a header of that name, which is nobody's. */
  private List<String> exposed(boolean credentials) {
    String text = nginx.nginx("cors-expose-headers");
    if (text == null || text.isBlank()) {
      return List.of();
    }
    List<String> listed =
        new ArrayList<>(Arrays.stream(text.split(",", -1)).map(String::strip).toList());
    boolean all = listed.removeIf(Cors.ALL::equals);
    if (all && !credentials) {
      return List.of(Cors.ALL);
    }
    List<String> read = names(String.join(",", listed), NAME);
    return read == null ? List.of() : read;
  }

  private boolean credentials() {
    String text = nginx.nginx("cors-allow-credentials");
    return text == null || !isSwitch(text.strip()) || !NginxAnnotations.isFalse(text);
  }

  private Duration maxAge() {
    String text = nginx.nginx("cors-max-age");
    return text == null || !SECONDS.matcher(text.strip()).matches()
        ? MAX_AGE
        : Duration.ofSeconds(Long.parseLong(text.strip()));
  }

  private List<String> names(String annotation, Pattern form, List<String> otherwise) {
    String text = nginx.nginx(annotation);
    List<String> read = text == null || text.isBlank() ? null : names(text, form);
    return read == null ? otherwise : read;
  }

  /** Null: it isn't a list of such. */
  private static @Nullable List<String> names(String text, Pattern form) {
    List<String> names =
        Arrays.stream(text.split("[,\\s]+", MOST_NAMES + 2))
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    return names.isEmpty()
            || names.size() > MOST_NAMES
            || !names.stream().allMatch(name -> form.matcher(name).matches())
        ? null
        : names;
  }

  /** As Go's strconv.ParseBool. */
  private static boolean isSwitch(String value) {
    return NginxAnnotations.isFalse(value)
        ? !value.isEmpty()
        : List.of("1", "t", "T", "true", "TRUE", "True").contains(value);
  }
}
