package dev.longshore.proxy.route;

import io.netty.handler.codec.http.QueryStringDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A request target (RFC 9112 §3.2) that has been read: accepted in one normal form, or rejected.
 *
 * <p>The rule that is matched must be the rule for the path that the upstream sees, whatever the
 * upstream makes of it. So what two readers could read in two ways is either normalised for both
 * sides (dot segments, empty elements) or refused (backslashes, {@code ..;}, control bytes). An
 * encoded slash or backslash is a character of its element, as RFC 3986 §2.2 has it and as those
 * mean it who send one (GitLab, RabbitMQ, npm); where decoding it would make a dot segment, which
 * could lead anywhere, it is refused too. A policy may refuse all.
 */
public sealed interface RequestTarget {

  /**
   * A target that can be matched and forwarded.
   *
   * @param path the path as it goes upstream: normalised, still percent-encoded, parameters kept;
   *     {@code *} for {@code OPTIONS *}, which no rule matches
   * @param matchPath the path that rules are compared with: without {@code ;parameters} (also
   *     {@code %3B}), printable ASCII decoded (except {@code %25}, {@code %2F} and {@code %5C}),
   *     other escapes in upper case; its elements are those of {@code path}, one by one
   * @param query what is behind the question mark, as it came; null when there is none
   * @param forwardTarget origin-form for the upstream: path and query; the original text unless
   *     normalisation changed it
   * @param authority host and port of an absolute-form target, lower case; it wins over the Host
   *     header (RFC 9112 §3.2.2); null for origin-form
   */
  record Accepted(
      String path,
      String matchPath,
      @Nullable String query,
      String forwardTarget,
      @Nullable String authority)
      implements RequestTarget {

    /**
     * The same without a parameter of its query, however its name is encoded there. The rest stays
     * as it came.
     */
    public Accepted withoutParameter(String name) {
      String all = query;
      if (all == null) {
        return this;
      }
      StringBuilder left = new StringBuilder(all.length());
      boolean found = false;
      int start = 0;
      while (start <= all.length()) {
        int end = start;
        while (end < all.length() && !separates(all.charAt(end))) {
          end++;
        }
        if (name.equals(nameOf(all.substring(start, end)))) {
          found = true;
        } else {
          if (!left.isEmpty()) {
            left.append(all.charAt(start - 1));
          }
          left.append(all, start, end);
        }
        start = end + 1;
      }
      if (!found) {
        return this;
      }
      String rest = left.isEmpty() ? null : left.toString();
      String before = forwardTarget.substring(0, forwardTarget.length() - all.length() - 1);
      return new Accepted(
          path, matchPath, rest, rest == null ? before : before + '?' + rest, authority);
    }

    /** As parameters are read, of which some upstreams part them by the semicolon too. */
    private static boolean separates(char c) {
      return c == '&' || c == ';';
    }

    private static String nameOf(String parameter) {
      int end = parameter.indexOf('=');
      return decoded(end < 0 ? parameter : parameter.substring(0, end));
    }

    private static String decoded(String key) {
      try {
        return QueryStringDecoder.decodeComponent(key);
      } catch (IllegalArgumentException e) {
        // A bad escape: it is no name that anybody asks for.
        return key;
      }
    }

    /** Whether an element holds an encoded slash or backslash. */
    public boolean hasEncodedSlash() {
      for (int i = path.indexOf('%');
          i >= 0 && i + 2 < path.length();
          i = path.indexOf('%', i + 1)) {
        int low = path.charAt(i + 2) | 0x20;
        if ((path.charAt(i + 1) == '2' && low == 'f')
            || (path.charAt(i + 1) == '5' && low == 'c')) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * A target that gets 400.
   *
   * @param reason what is wrong with it, in words that may be sent to the client
   */
  record Rejected(String reason) implements RequestTarget {}

  /**
   * Reads a target as it stands in the request line. Its length is bounded by who reads that line.
   */
  static RequestTarget parse(String raw) {
    return TargetParser.parse(raw);
  }
}
