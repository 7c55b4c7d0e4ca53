package dev.longshore.proxy.route;

import com.google.re2j.Matcher;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the path that goes upstream of what the groups of a rule's pattern matched. What may not
 * stand in a path is encoded again. Measured against nginx 1.31, which differs in this: it sends
 * dot segments that come about, and decodes {@code %2F}.
 *
 * <p>What is put together may make dot segments that neither part had: {@code /x(.*)} and {@code
 * /app/$1} would make {@code /app/../secret} of {@code /x../secret}. Such elements are left out, so
 * that nobody gets out of what the rewrite names.
 */
final class PatternRewriter {
  private static final String HEX = "0123456789ABCDEF";

  private final CostedPattern pattern;
  private final List<Piece> pieces;

  /**
   * A piece of the value.
   *
   * @param group 1 to 9; 0: it is the text
   */
  private record Piece(String text, int group) {}

  private PatternRewriter(CostedPattern pattern, List<Piece> pieces) {
    this.pattern = pattern;
    this.pieces = pieces;
  }

  /** The rewriter of a rule; null: its path isn't made of groups. */
  static @Nullable PatternRewriter of(RuleKey key, Rewrite rewrite) {
    PathRewrite path = rewrite.path();
    return path == null || path.type() != PathRewrite.Type.REPLACE_MATCH
        ? null
        : new PatternRewriter(CostedPattern.compile(key.path()), pieces(path.value()));
  }

  private static List<Piece> pieces(String value) {
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    for (int at = 0; at + 1 < value.length(); at++) {
      char next = value.charAt(at + 1);
      if (value.charAt(at) == '$' && next >= '1' && next <= '9') {
        pieces.add(new Piece(value.substring(from, at), 0));
        pieces.add(new Piece("", next - '0'));
        from = at + 2;
        at++;
      }
    }
    pieces.add(new Piece(value.substring(from), 0));
    return pieces;
  }

  /** The target that goes upstream; the query stays. */
  String rewrite(Accepted target) {
    // With its parameters where it matches so too; elements that are compared without them differ.
    Matcher matcher =
        target.path().indexOf(';') < 0 ? null : pattern.pattern().matcher(target.path());
    boolean matches = matcher != null && matcher.lookingAt();
    if (matcher == null || !matches) {
      matcher = pattern.pattern().matcher(target.matchPath());
      matches = matcher.lookingAt();
    }
    StringBuilder path = new StringBuilder();
    for (Piece piece : pieces) {
      path.append(piece.text);
      String group =
          matches && piece.group > 0 && piece.group <= matcher.groupCount()
              ? matcher.group(piece.group)
              : null;
      if (group != null) {
        encode(group, path);
      }
    }
    String whole = withoutDots(path);
    return target.query() == null ? whole : whole + "?" + target.query();
  }

  private static void encode(String text, StringBuilder to) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isOfPath(c)) {
        to.append(c);
      } else {
        to.append('%').append(HEX.charAt((c >> 4) & 15)).append(HEX.charAt(c & 15));
      }
    }
  }

  /** What may stand in a path (RFC 3986 §3.3), and the percent sign of what is encoded already. */
  private static boolean isOfPath(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "/-._~!$&'()*+,;=:@%".indexOf(c) >= 0;
  }

  /** Whatever reads it: with its dots encoded, or parameters behind them. */
  private static boolean isDots(String element) {
    int end = element.indexOf(';');
    String name = end < 0 ? element : element.substring(0, end);
    if (name.isEmpty() || name.length() > "%2e%2e".length()) {
      return false;
    }
    String plain = name.replace("%2e", ".").replace("%2E", ".");
    return plain.equals(".") || plain.equals("..");
  }

  private static String withoutDots(StringBuilder path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      path.insert(0, '/');
    }
    if (path.indexOf("/.") < 0 && path.indexOf("/%2") < 0) {
      return path.toString();
    }
    StringBuilder kept = new StringBuilder(path.length());
    int from = 0;
    while (from < path.length()) {
      int end = path.indexOf("/", from + 1);
      end = end < 0 ? path.length() : end;
      String element = path.substring(from + 1, end);
      if (!isDots(element)) {
        kept.append('/').append(element);
      } else if (end == path.length()) {
        kept.append('/');
      }
      from = end;
    }
    return kept.toString();
  }
}
