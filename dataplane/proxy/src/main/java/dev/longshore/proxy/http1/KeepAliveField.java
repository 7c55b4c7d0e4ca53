package dev.longshore.proxy.http1;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The header field Keep-Alive (RFC 2068 §19.7.1.1), by which most servers say how long they keep an
 * idle connection.
 */
public final class KeepAliveField {
  private static final AsciiString NAME = AsciiString.cached("Keep-Alive");
  private static final String TIMEOUT = "timeout=";

  /** More digits say nothing that anybody would wait for. */
  private static final int MOST_DIGITS = 6;

  private KeepAliveField() {}

  /** The parameter {@code timeout}; null when there is none that can be understood. */
  public static @Nullable Duration timeout(HttpHeaders headers) {
    String value = headers.get(NAME);
    if (value == null) {
      return null;
    }
    for (int start = 0; start < value.length(); ) {
      int comma = value.indexOf(',', start);
      int end = comma < 0 ? value.length() : comma;
      String parameter = value.substring(start, end).strip();
      if (parameter.regionMatches(true, 0, TIMEOUT, 0, TIMEOUT.length())) {
        return seconds(parameter.substring(TIMEOUT.length()));
      }
      start = end + 1;
    }
    return null;
  }

  private static @Nullable Duration seconds(String digits) {
    if (digits.isEmpty() || digits.length() > MOST_DIGITS) {
      return null;
    }
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
        return null;
      }
    }
    return Duration.ofSeconds(Integer.parseInt(digits));
  }
}
