package dev.longshore.operator.translate;

import dev.longshore.contract.BoundedPattern;
import dev.longshore.contract.PathType;
import dev.longshore.operator.translate.PathReader.Place;
import dev.longshore.operator.translate.RuleClaim.Strength;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the place of an Ingress's path. One that is a regular expression, or a glob, of another
 * controller is not served yet: it closes what it means, and is never taken literally.
 */
final class IngressPaths {
  /**
   * In paths that are said to be regular expressions, any of these makes them more than a prefix.
   */
  private static final Pattern META = Pattern.compile("[\\\\^$*+?()\\[\\]{}|]");

  /**
   * In others, what stands in nobody's path: wildcards, anchors, alternatives, classes, groups with
   * anything special in them. {@code /c++} and {@code /products(1)} are literal.
   */
  private static final Pattern PATTERN =
      Pattern.compile(
          "[*|^\\\\]|\\$$|\\.\\+|[)/]\\?|\\((\\?|\\.|/|\\[)|\\[[^]]*-?[^]]*]|\\{[0-9]+,?[0-9]*}");

  /** A path and what leaves its end open, or says that there it ends. */
  private static final Pattern OPEN_END =
      Pattern.compile("\\^?((?:[^\\\\^$*+?()\\[\\]{}|]|\\\\[./-])*?)([/()|$.*+?]*)");

  /** Whatever matches it takes more than a part of a host. */
  private static final String ANY = "/.well-known/acme-challenge/any";

  private IngressPaths() {}

  static Place read(
      String text, PathType type, boolean regex, String fieldPath, Problems problems) {
    if (!(regex ? META : PATTERN).matcher(text).find()) {
      return PathReader.read(text, type, fieldPath, problems);
    }
    problems.fault(
        Reason.UNSUPPORTED_VALUE,
        fieldPath,
        Quote.of(text)
            + " is a regular expression, not served in an Ingress yet: write "
            + instead(text));
    return place(text);
  }

  /** A dot is taken for itself, as those mean it who write {@code /socket.io/.*}. */
  private static String instead(String text) {
    Matcher matcher = OPEN_END.matcher(text);
    String plain = matcher.matches() ? matcher.group(1).replace("\\", "") : "";
    String end = matcher.matches() ? matcher.group(2) : "";
    boolean repeats = !plain.isEmpty() && !end.isEmpty() && "*+?".indexOf(end.charAt(0)) >= 0;
    if (!matcher.matches() || repeats || !(plain + end).startsWith("/")) {
      return "Prefix paths, or pathType Regex in a WebSocketRoute";
    }
    String path = Quote.printable(plain.isEmpty() ? "/" : plain);
    return end.equals("$") || end.equals("/$")
        ? "Exact " + (plain.isEmpty() || end.equals("$") ? path : path + "/")
        : "Prefix " + path;
  }

  /** Where it answers 503: at what it matches, and if that is everything, where nobody else is. */
  private static Place place(String text) {
    try {
      // Without regard to case, as ingress-nginx matches.
      String pattern = "(?i)" + text;
      if (!BoundedPattern.compile(pattern).matcher(ANY).lookingAt()) {
        return new Place(PathType.REGEX, pattern, Strength.FALLBACK);
      }
    } catch (IllegalArgumentException e) {
      String prefix = PathPatterns.literalPrefix(text);
      if (prefix.length() > 1 && prefix.startsWith("/")) {
        return new Place(PathType.REGEX, PathPatterns.quote(prefix), Strength.FALLBACK);
      }
    }
    return new Place(PathType.PREFIX, "/", Strength.FALLBACK);
  }
}
