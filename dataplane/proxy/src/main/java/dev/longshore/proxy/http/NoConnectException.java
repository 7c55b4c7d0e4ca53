package dev.longshore.proxy.http;

import java.io.IOException;

/** An endpoint takes no WebSockets on streams of HTTP/2 (RFC 8441), as its SETTINGS say. */
public final class NoConnectException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says so. */
  public NoConnectException() {
    super("the endpoint's SETTINGS offer no extended CONNECT");
  }
}
