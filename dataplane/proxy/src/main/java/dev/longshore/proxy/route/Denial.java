package dev.longshore.proxy.route;

/** Why a policy does not admit somebody. */
public enum Denial {
  /** {@code access}: the client's address. */
  ADDRESS,
  /** {@code insecure}: it came in the clear. */
  INSECURE,
  /** {@code upgrade: Require}, and it is no WebSocket. */
  NO_UPGRADE,
  /** {@code upgrade: Deny}, and it is a WebSocket. */
  UPGRADE,
  /** {@code origins}: the page that opened a WebSocket. */
  ORIGIN
}
