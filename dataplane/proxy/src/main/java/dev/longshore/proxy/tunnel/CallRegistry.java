package dev.longshore.proxy.tunnel;

/** Where calls of an event loop count as connections that live long. On that loop. */
@FunctionalInterface
public interface CallRegistry {
  /**
   * Adds one that has lasted. It may be told to end before this returns, if what it goes to is
   * being drained.
   *
   * @param context of its request; the endpoint is released at the end
   * @return to be told when it is {@linkplain StreamedCall#over over}
   */
  StreamedCall add(TunnelContext context, StreamedCall.Carried carried);
}
