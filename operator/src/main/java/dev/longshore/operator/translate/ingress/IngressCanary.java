package dev.longshore.operator.translate.ingress;

import dev.longshore.contract.BoundedPattern;
import dev.longshore.contract.Matches;
import dev.longshore.contract.ValueMatch;
import dev.longshore.operator.translate.claim.Canary;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.PathPatterns;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the terms of a canary as ingress-nginx has them ({@code route_to_alternative_balancer}): a
 * header goes before a cookie, and that before the weight. What can't be read is a warning, and
 * sends nobody there: a canary gets what it is surely meant to get.
 */
final class IngressCanary {
  /** The most that weights in the snapshot can say. */
  private static final int MOST = 1_000_000;

  private final NginxAnnotations nginx;
  private final Problems problems;

  private IngressCanary(NginxAnnotations nginx, Problems problems) {
    this.nginx = nginx;
    this.problems = problems;
  }

  /** The terms of an Ingress that is a canary. */
  static Canary read(NginxAnnotations nginx, Problems problems) {
    return new IngressCanary(nginx, problems).read();
  }

  private Canary read() {
    int total = Math.max(1, number("canary-weight-total", 100));
    int weight = Math.min(number("canary-weight", 0), total);
    List<ValueMatch> headers = header();
    List<ValueMatch> cookies = cookie();
    Map<Matches, Boolean> decided = new HashMap<>();
    for (int i = 0; i < headers.size(); i++) {
      decided.put(new Matches(List.of(headers.get(i)), List.of()), i == 0);
    }
    for (int i = 0; i < cookies.size(); i++) {
      decided.put(new Matches(List.of(cookies.get(i)), List.of()), i == 0);
      // With more conditions they go first, so that the header decides.
      for (int j = 0; j < headers.size(); j++) {
        decided.put(new Matches(List.of(headers.get(j), cookies.get(i)), List.of()), j == 0);
      }
    }
    if (decided.isEmpty() && weight == 0) {
      problems.warn(
          Reason.NO_EFFECT,
          NginxAnnotations.nginxPath("canary"),
          "gets no request: canary-weight, canary-by-header or canary-by-cookie says which");
    }
    return new Canary(decided, weight, total);
  }

  private int number(String name, int otherwise) {
    String text = nginx.nginx(name);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    String digits = text.strip();
    if (digits.length() > 7
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
        || Integer.parseInt(digits) > MOST) {
      problems.warn(
          Reason.INVALID_ANNOTATION,
          NginxAnnotations.nginxPath(name),
          Quote.of(digits)
              + " is not a whole number up to "
              + MOST
              + ": it counts as "
              + otherwise);
      return otherwise;
    }
    return Integer.parseInt(digits);
  }

  /** What sends there, then what keeps back; a given value or pattern keeps nobody back. */
  private List<ValueMatch> header() {
    String given = nginx.nginx("canary-by-header");
    String name = given == null || given.isBlank() ? null : name("canary-by-header", given);
    if (name == null) {
      return List.of();
    }
    String header = name.toLowerCase(Locale.ROOT);
    String value = written("canary-by-header-value");
    if (value != null) {
      return parse(
          "canary-by-header-value",
          () -> List.of(new ValueMatch(header, ValueMatch.Type.EXACT, HeaderNames.unshown(value))));
    }
    String pattern = written("canary-by-header-pattern");
    if (pattern != null) {
      return parse(
          "canary-by-header-pattern",
          () -> {
            // It may stand anywhere in the value there, and takes all of it here.
            String whole = "(?s).*(?:" + pattern + ").*";
            BoundedPattern.compile(pattern);
            BoundedPattern.compile(whole);
            return List.of(new ValueMatch(header, ValueMatch.Type.REGEX, whole));
          });
    }
    return List.of(
        new ValueMatch(header, ValueMatch.Type.EXACT, "always"),
        new ValueMatch(header, ValueMatch.Type.EXACT, "never"));
  }

  private List<ValueMatch> cookie() {
    String given = nginx.nginx("canary-by-cookie");
    String name = given == null || given.isBlank() ? null : name("canary-by-cookie", given);
    return name == null ? List.of() : List.of(cookie(name, "always"), cookie(name, "never"));
  }

  /** A cookie of the Cookie header, of which HTTP/2 may have several (RFC 9113 §8.2.3). */
  private static ValueMatch cookie(String name, String value) {
    return new ValueMatch(
        "cookie",
        ValueMatch.Type.REGEX,
        "(?:.*; ?)?" + PathPatterns.quote(name) + "=" + value + " *(?:;.*)?");
  }

  private @Nullable String written(String name) {
    String value = nginx.nginx(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  private @Nullable String name(String annotation, String text) {
    List<String> read = parse(annotation, () -> List.of(Names.token(text.strip())));
    return read.isEmpty() ? null : read.getFirst();
  }

  private <T> List<T> parse(String annotation, Supplier<List<T>> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      problems.warn(
          Reason.INVALID_ANNOTATION,
          NginxAnnotations.nginxPath(annotation),
          e.getMessage() + "; it sends nobody to the canary");
      return List.of();
    }
  }
}
