package dev.longshore.proxy.route;

import dev.longshore.proxy.route.RequestTarget.Accepted;
import java.nio.charset.StandardCharsets;

/**
 * Brings the path of a rule into the form of {@link Accepted#matchPath()}, so that {@code /%7Ea},
 * {@code /~a} and {@code /caf%c3%a9} are the rules that their writers mean. A path that no request
 * can have stays as it is, and matches none.
 */
final class RulePath {

  static String canonical(String path) {
    String encoded = encode(path);
    return encoded.indexOf(';') < 0
            && encoded.indexOf('?') < 0
            && RequestTarget.parse(encoded) instanceof Accepted accepted
        ? accepted.matchPath()
        : path;
  }

  /** Spaces and what is beyond ASCII, as browsers send them (RFC 3987 §3.1). */
  private static String encode(String path) {
    if (path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return path;
    }
    StringBuilder encoded = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f) {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b & 0xff));
      }
    }
    return encoded.toString();
  }

  private RulePath() {}
}
