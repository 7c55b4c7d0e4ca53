package dev.longshore.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The fields by which proxies tell whom they speak for, read and written here. */
final class ForwardingNames {
  static final AsciiString X_FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");
  static final AsciiString X_FORWARDED_PROTO = AsciiString.cached("X-Forwarded-Proto");
  static final AsciiString X_FORWARDED_HOST = AsciiString.cached("X-Forwarded-Host");
  static final AsciiString X_FORWARDED_PORT = AsciiString.cached("X-Forwarded-Port");
  static final AsciiString FORWARDED = AsciiString.cached("Forwarded");

  private ForwardingNames() {}

  /** Whether a peer speaks X-Forwarded-*, beside the addresses. */
  static boolean saysMore(HttpHeaders headers) {
    return headers.contains(X_FORWARDED_PROTO)
        || headers.contains(X_FORWARDED_HOST)
        || headers.contains(X_FORWARDED_PORT);
  }
}
