package dev.longshore.proxy.grpc;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What heads say of calls of gRPC. */
public final class GrpcCalls {
  /** What a call is told apart by, alone or with a format behind it. */
  public static final AsciiString CONTENT_TYPE = AsciiString.cached("application/grpc");

  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
  private static final int MOST_DIGITS = 8;

  private GrpcCalls() {}

  /**
   * Whether a head is that of a call, or of the answer to one. Not of gRPC-Web, whose statuses are
   * in the body.
   */
  public static boolean isOne(HttpHeaders head) {
    String type = head.get(HttpHeaderNames.CONTENT_TYPE);
    int length = CONTENT_TYPE.length();
    if (type == null || !AsciiString.regionMatches(type, true, 0, CONTENT_TYPE, 0, length)) {
      return false;
    }
    if (type.length() == length) {
      return true;
    }
    char next = type.charAt(length);
    return next == '+' || next == ';' || next == ' ';
  }

  /** So many milliseconds, from 1 to 99,999,999, as a caller says how long it waits. */
  public static String text(long millis) {
    return Math.clamp(millis, 1, 99_999_999) + "m";
  }

  /**
   * How long the caller waits, from 1 ns to 100 million hours; null: for ever, or nobody can tell.
   * Of several only the first counts, as with servers.
   */
  public static @Nullable Duration timeout(HttpHeaders head) {
    String text = head.get(TIMEOUT);
    int digits = text == null ? 0 : text.length() - 1;
    if (text == null || digits < 1 || digits > MOST_DIGITS) {
      return null;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      value = value * 10 + digit;
    }
    Duration timeout =
        switch (text.charAt(digits)) {
          case 'H' -> Duration.ofHours(value);
          case 'M' -> Duration.ofMinutes(value);
          case 'S' -> Duration.ofSeconds(value);
          case 'm' -> Duration.ofMillis(value);
          case 'u' -> Duration.ofNanos(value * 1000);
          case 'n' -> Duration.ofNanos(value);
          default -> null;
        };
    // Over already, but that is for the endpoint to say.
    return timeout != null && timeout.isZero() ? Duration.ofNanos(1) : timeout;
  }
}
