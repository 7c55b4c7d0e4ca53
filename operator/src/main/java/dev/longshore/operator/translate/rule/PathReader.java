package dev.longshore.operator.translate.rule;

import dev.longshore.contract.PathType;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.field.PathPatterns;
import dev.longshore.operator.translate.field.Paths;
import dev.longshore.operator.translate.verdict.Problems;

/**
 * Finds the place of a rule in matching: where its path says, or, for an invalid path, the nearest
 * to what it means, so that no laxer rule takes its traffic.
 *
 * <p>An Exact or Prefix path that no request can match is taken as the normalised path it comes
 * nearest to; an invalid pattern as everything that begins with its literal prefix, and one without
 * any as Prefix {@code /}. Such a place goes to whoever else states it.
 */
public final class PathReader {
  private PathReader() {}

  /** The place of a path. */
  public record Place(PathType type, String path, Strength strength) {}

  /** Reads a path of a rule; what is wrong with it is told at its field. */
  public static Place read(String path, PathType type, String fieldPath, Problems problems) {
    return switch (type) {
      case REGEX -> {
        String pattern = problems.parse(fieldPath, () -> PathPatterns.parse(path));
        yield pattern == null
            ? placeOfPattern(path)
            : new Place(PathType.REGEX, pattern, Strength.STATED);
      }
      case EXACT, PREFIX -> {
        String parsed = problems.parse(fieldPath, () -> Paths.parse(path, type));
        yield parsed == null
            ? placeOf(Paths.place(path, type), type)
            : new Place(type, parsed, Strength.STATED);
      }
    };
  }

  /** Requests with an encoded slash pass, and a pattern is what can name it. */
  private static Place placeOf(String path, PathType type) {
    return Paths.hasEncodedSlash(path)
        ? new Place(
            PathType.REGEX,
            PathPatterns.quote(path) + (type == PathType.EXACT ? "$" : "(/|$)"),
            Strength.FALLBACK)
        : new Place(type, path, Strength.FALLBACK);
  }

  private static Place placeOfPattern(String pattern) {
    String prefix = PathPatterns.literalPrefix(pattern);
    return prefix.length() < 2 || prefix.charAt(0) != '/'
        ? new Place(PathType.PREFIX, "/", Strength.FALLBACK)
        : new Place(PathType.REGEX, PathPatterns.quote(prefix), Strength.FALLBACK);
  }
}
