package dev.longshore.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * A request target (RFC 9112 §3.2) that has been read: accepted in one normal form, or rejected.
 *
 * <p>The rule that is matched must be the rule for the path that the upstream sees, whatever the
 * upstream makes of it. So what two readers could read in two ways is either normalised for both
 * sides (dot segments, empty elements) or refused (encoded slashes, backslashes, {@code ..;},
 * control bytes).
 */
public sealed interface RequestTarget {

  /**
   * A target that can be matched and forwarded.
   *
   * @param path the path as it goes upstream: normalised, still percent-encoded, parameters kept;
   *     {@code *} for {@code OPTIONS *}, which no rule matches
   * @param matchPath the path that rules are compared with: without {@code ;parameters} (also
   *     {@code %3B}), printable ASCII decoded (except {@code %25}), other escapes in upper case;
   *     its elements are those of {@code path}, one by one
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
      implements RequestTarget {}

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
