package dev.longshore.proxy.grpc;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** How a call ended, as gRPC says it; those that a proxy has a use for. */
public enum GrpcStatus {
  CANCELLED(1),
  UNKNOWN(2),
  DEADLINE_EXCEEDED(4),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  UNAUTHENTICATED(16);

  /** The field that has the code. */
  public static final AsciiString FIELD = AsciiString.cached("grpc-status");

  /** The field that has the words. */
  public static final AsciiString MESSAGE = AsciiString.cached("grpc-message");

  private static final String HEX = "0123456789ABCDEF";

  private final int code;

  GrpcStatus(int code) {
    this.code = code;
  }

  /** The largest number that there is. */
  public static final int MOST = 16;

  /** The number that a field says, from 0 to {@link #MOST}; UNKNOWN's if it says none. */
  public static int codeOf(String value) {
    int code = -1;
    if (value.length() == 1 || value.length() == 2) {
      code = 0;
      for (int i = 0; i < value.length(); i++) {
        int digit = value.charAt(i) - '0';
        code = digit < 0 || digit > 9 ? MOST + 1 : code * 10 + digit;
      }
    }
    return code < 0 || code > MOST ? UNKNOWN.code : code;
  }

  /** Its number on the wire. */
  public int code() {
    return code;
  }

  /**
   * What an answer of ours by HTTP means to a caller. As gRPC's "HTTP to gRPC Status Code Mapping"
   * has it for answers without a status, but where the reason is known better: what is too large or
   * too often is RESOURCE_EXHAUSTED, which is not tried again as UNAVAILABLE would be; a time-out
   * is DEADLINE_EXCEEDED; to be asked over TLS, or for another protocol, is FAILED_PRECONDITION.
   */
  public static GrpcStatus of(HttpResponseStatus status) {
    return switch (status.code()) {
      case 400, 417, 500, 508 -> INTERNAL;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404, 405, 501 -> UNIMPLEMENTED;
      case 408, 504 -> DEADLINE_EXCEEDED;
      case 413, 414, 429, 431 -> RESOURCE_EXHAUSTED;
      case 301, 302, 303, 307, 308, 426 -> FAILED_PRECONDITION;
      case 421, 502, 503 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }

  /** The fields that say so, for trailers or for a head without a body. */
  public HttpHeaders fields(String message) {
    HttpHeaders fields =
        DefaultHttpHeadersFactory.trailersFactory().withValidation(false).newHeaders();
    put(fields, message);
    return fields;
  }

  /** Adds the fields that say so. */
  public void put(HttpHeaders to, String message) {
    to.set(FIELD, Integer.toString(code));
    to.set(MESSAGE, encoded(message));
  }

  /** Percent-encoded, as the protocol wants it: bytes of UTF-8 but for printable ASCII. */
  static String encoded(String message) {
    StringBuilder text = new StringBuilder(message.length());
    for (byte each : message.getBytes(StandardCharsets.UTF_8)) {
      if (each >= ' ' && each <= '~' && each != '%') {
        text.append((char) each);
      } else {
        text.append('%').append(HEX.charAt(each >> 4 & 15)).append(HEX.charAt(each & 15));
      }
    }
    return text.toString();
  }
}
