package dev.longshore.operator.translate.ingress;

import dev.longshore.contract.BoundedPattern;
import dev.longshore.contract.PathType;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.field.PathPatterns;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.rule.PathReader;
import dev.longshore.operator.translate.rule.PathReader.Place;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the place of an Ingress's path. One that its annotations make a regular expression is one,
 * as with ingress-nginx; one that looks like it without them closes what it means, and is never
 * taken literally.
 */
public final class IngressPaths {
  /** Begins what is matched without regard to case. */
  private static final String FOLDED = "(?i)";

  /**
   * What stands in nobody's path: wildcards, anchors, alternatives, classes, groups with anything
   * special in them. {@code /c++} and {@code /products(1)} are literal.
   */
  private static final Pattern PATTERN =
      Pattern.compile(
          "[*|^\\\\]|\\$$|\\.\\+|[)/]\\?|\\((\\?|\\.|/|\\[)|\\[[^]]*-?[^]]*]|\\{[0-9]+,?[0-9]*}");

  /** A path and what leaves its end open, or says that there it ends. */
  private static final Pattern OPEN_END =
      Pattern.compile("\\^?((?:[^\\\\^$*+?()\\[\\]{}|]|\\\\[./-])*?)([/()|$.*+?]*)");

  /**
   * The shortest of all patterns, so the last one: as a prefix it is the same, and takes nothing
   * from the prefixes of WebSocketRoutes.
   */
  private static final String EVERYTHING = "/";

  /** Whatever matches it takes more than a part of a host. */
  private static final String ANY = "/.well-known/acme-challenge/any";

  private IngressPaths() {}

  /**
   * The place of a path.
   *
   * @param regex whether its own Ingress makes a regular expression of it
   */
  static Place read(
      String text, PathType type, boolean regex, String fieldPath, Problems problems) {
    if (regex) {
      return pattern(text, fieldPath, problems);
    }
    if (!isPattern(text)) {
      return PathReader.read(text, type, fieldPath, problems);
    }
    problems.fault(
        Reason.UNSUPPORTED_VALUE,
        fieldPath,
        Quote.of(text)
            + " is a regular expression, and nothing says so: write "
            + NginxAnnotations.PREFIX
            + "use-regex: \"true\", or "
            + instead(text));
    return place(text);
  }

  /** Whether there is more in a path than anybody means literally. */
  static boolean isPattern(String text) {
    return PATTERN.matcher(text).find();
  }

  /** As ingress-nginx matches it: from the beginning, without regard to case. */
  private static Place pattern(String text, String fieldPath, Problems problems) {
    if (text.equals(EVERYTHING)) {
      return new Place(PathType.PREFIX, EVERYTHING, Strength.STATED);
    }
    try {
      BoundedPattern.compile(FOLDED + text);
      return new Place(PathType.REGEX, FOLDED + text, Strength.STATED);
    } catch (IllegalArgumentException e) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          fieldPath,
          Quote.of(text)
              + " "
              + e.getMessage()
              + "; what takes linear time is served, so nothing that looks ahead, behind or back");
      return place(text);
    }
  }

  /**
   * The pattern of a path where another one of its host makes all of them regular expressions: then
   * the path of a prefix begins others too, {@code /ab} those below {@code /abc}. Null: it stays
   * what it is.
   */
  static @Nullable String pattern(Place place, String text) {
    if (place.type() == PathType.REGEX || place.path().equals(EVERYTHING)) {
      return null;
    }
    // Nobody means a pattern by the path that ACME servers ask for, nor by one that had to be
    // guessed.
    boolean literal =
        AcmeChallenges.cover(place.type(), place.path()) || place.strength() == Strength.FALLBACK;
    String pattern = FOLDED + (literal ? PathPatterns.quote(place.path()) : text);
    try {
      BoundedPattern.compile(pattern);
      return pattern;
    } catch (IllegalArgumentException e) {
      return null;
    }
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
      String pattern = FOLDED + text;
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
