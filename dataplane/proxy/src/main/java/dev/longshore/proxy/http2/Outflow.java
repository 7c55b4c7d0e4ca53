package dev.longshore.proxy.http2;

/** A stream whose data waits for its peer's window. On the event loop. */
interface Outflow {
  /** So many bytes of it wait now; the window or the connection has taken some, or more came. */
  void pending(long bytes);
}
