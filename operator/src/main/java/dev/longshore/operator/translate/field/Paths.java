package dev.longshore.operator.translate.field;

import dev.longshore.contract.PathType;
import dev.longshore.operator.translate.verdict.Quote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads the paths of Exact and Prefix rules. A request's path is normalised before it is matched,
 * so a rule for any other would never match.
 */
public final class Paths {
  private static final int LONGEST = 1024;

  private static final Pattern DOT = Pattern.compile("%2[eE]");
  private static final Pattern NUL = Pattern.compile("%(00)");
  private static final Pattern ENCODED_SLASH = Pattern.compile("(?i)%2f|%5c");

  private Paths() {}

  /**
   * The path as requests are matched against it; a Prefix without the slash at its end, which says
   * nothing (as in an Ingress).
   *
   * @throws IllegalArgumentException if no request can match it; says what would be right
   */
  public static String parse(String text, PathType type) {
    if (text.isEmpty() || text.charAt(0) != '/') {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not an absolute path: write one that begins with /");
    }
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          Quote.of(text) + " has " + text.length() + " characters: at most " + LONGEST);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    for (String kept : new String[] {"%2f", "%5c"}) {
      if (lower.contains(kept)) {
        throw new IllegalArgumentException(
            Quote.of(text)
                + " contains "
                + Quote.of(kept)
                + ", which no rule can name (nor does an API server take it): write the elements"
                + " before it as a Prefix, which such requests are matched by");
      }
    }
    for (String refused : new String[] {"%2e", "%00", "\\", "..;"}) {
      if (lower.contains(refused)) {
        throw new IllegalArgumentException(
            Quote.of(text)
                + " contains "
                + Quote.of(refused)
                + ", and requests for such a path are refused: write another");
      }
    }
    String place = place(text, type);
    if (!place.equals(type == PathType.PREFIX ? withoutSlash(text) : text)) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a path that requests are matched by: write " + Quote.of(place));
    }
    return place;
  }

  /**
   * The path that a right or wrong text means as well as can be told: absolute, cut before a query
   * or fragment, without {@code ;parameters}, other characters percent-encoded, dot segments and
   * double slashes resolved.
   */
  public static String place(String text, PathType type) {
    String path = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    for (char end : new char[] {'?', '#'}) {
      int cut = path.indexOf(end);
      path = cut < 0 ? path : path.substring(0, cut);
    }
    path = normalised(encoded(path));
    while (path.length() > LONGEST) {
      path = path.substring(0, Math.max(1, path.lastIndexOf('/')));
    }
    return type == PathType.PREFIX ? withoutSlash(path) : path;
  }

  /** Whether a path holds an encoded slash or backslash, which no Exact or Prefix rule can. */
  public static boolean hasEncodedSlash(String path) {
    return ENCODED_SLASH.matcher(path).find();
  }

  private static String withoutSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String encoded(String path) {
    StringBuilder encoded = new StringBuilder(path.length());
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      // A lone surrogate becomes '?'.
      if (c <= ' ' || c >= 0x7f || c == '\\' || c == '?') {
        encoded.append(String.format("%%%02X", (int) c));
      } else {
        encoded.append(c);
      }
    }
    // Requests with a NUL are refused, so any place does that no request has.
    String kept =
        ENCODED_SLASH
            .matcher(encoded)
            .replaceAll(escape -> escape.group().toUpperCase(Locale.ROOT));
    return DOT.matcher(NUL.matcher(kept).replaceAll("%25$1")).replaceAll(".");
  }

  /** RFC 3986 §5.2.4, and one slash for several. */
  private static String normalised(String path) {
    Deque<String> segments = new ArrayDeque<>();
    String[] parts = path.split("/", -1);
    String last = parts[parts.length - 1];
    for (String whole : parts) {
      int parameters = whole.indexOf(';');
      String part = parameters < 0 ? whole : whole.substring(0, parameters);
      if (part.equals("..")) {
        segments.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        segments.addLast(part);
      }
    }
    boolean slash = last.isEmpty() || last.equals(".") || last.equals("..");
    String joined = "/" + String.join("/", segments);
    return slash && joined.length() > 1 ? joined + "/" : joined;
  }
}
