package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;

/**
 * How often a request came by here already, by the field CDN-Loop (RFC 8586): a route may lead, by
 * whatever name or detour, back to the proxy, and one request would go round until no descriptor is
 * left. What other proxies wrote passes as it is, and neither a Connection header nor a policy
 * takes the field away (§2.1). Whoever makes one up closes its own request only.
 */
final class Hops {
  static final AsciiString FIELD = AsciiString.cached("CDN-Loop");
  private static final String NAME = "longshore";

  private Hops() {}

  /** Whether a request may not go on. */
  static boolean tooMany(HttpHeaders headers) {
    return headers.contains(FIELD) && count(headers.getAll(FIELD)) >= HardLimits.PASSES_PER_REQUEST;
  }

  /** Writes what was received, and that it came by. */
  static void write(FieldSink out, HttpHeaders received) {
    if (received.contains(FIELD)) {
      for (String value : received.getAll(FIELD)) {
        out.field(FIELD, value);
      }
    }
    out.field(FIELD, NAME);
  }

  /** Members of the list whose identifier is ours, whatever parameters it has. */
  static int count(List<String> values) {
    int count = 0;
    for (String value : values) {
      for (int start = 0; start < value.length(); ) {
        int comma = value.indexOf(',', start);
        int end = comma < 0 ? value.length() : comma;
        count += isOurs(value, start, end) ? 1 : 0;
        start = end + 1;
      }
    }
    return count;
  }

  private static boolean isOurs(String value, int from, int to) {
    int start = from;
    while (start < to && isBlank(value.charAt(start))) {
      start++;
    }
    int end = start + NAME.length();
    return value.regionMatches(true, start, NAME, 0, NAME.length())
        && (end == to || end < to && (isBlank(value.charAt(end)) || value.charAt(end) == ';'));
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
