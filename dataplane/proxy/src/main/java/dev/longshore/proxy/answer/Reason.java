package dev.longshore.proxy.answer;

import java.util.Locale;

/**
 * Which check failed when a request is answered by the proxy itself, or its answer is cut: for the
 * access log and as a label, never for the client.
 */
public enum Reason {
  // ---- the request
  /** Its first line is not {@code METHOD TARGET HTTP/1.1}. */
  REQUEST_LINE,
  /** A header field is not well-formed. */
  HEADER_FIELD,
  /** Where the body ends is in doubt. */
  FRAMING,
  /** The request target. */
  TARGET,
  /** Host is missing, there twice, or not a host. */
  HOST,
  /** The body is not well-formed. */
  BODY,
  /** A handshake that is none, or offers nothing that the policy allows. */
  HANDSHAKE,
  /** The request line, the header block or the body is too large: 413, 414, 431. */
  TOO_LARGE,
  /** It did not arrive in time: 408. */
  TOO_SLOW,
  /** A method that no route can serve: 501. */
  METHOD,
  /** An unknown Expect: 417. */
  EXPECTATION,
  /** The connection was made for another host: 421. */
  MISDIRECTED,

  // ---- the route
  /** No rule matches: 404. */
  NO_RULE,
  /** The rule's policy: 403, 426, 308. */
  POLICY,
  /** The token that the rule wants is missing, or doesn't hold: 401, 403. */
  TOKEN,
  /** The name or the password that the rule wants is missing, or wrong: 401. */
  PASSWORD,
  /**
   * The service that was asked whether it may pass says no, or doesn't answer: 401, 403, 3xx, 503.
   */
  EXTERNAL_AUTH,
  /** The rule answers by itself: a redirect, a fixed answer, or what a CORS preflight gets. */
  ROUTE_ANSWER,
  /** A limit is reached: 429. */
  LIMIT,
  /** No endpoint, or the rule can't be served: 503. */
  UNAVAILABLE,
  /** It came by here too often: 508. */
  LOOP,

  // ---- the upstream
  /** No connection. */
  UPSTREAM_CONNECT,
  /** TLS could not be agreed on. */
  UPSTREAM_TLS,
  /** Not in time: 504. */
  UPSTREAM_TIMEOUT,
  /** The connection ended before an answer. */
  UPSTREAM_CLOSED,
  /** An answer that is not HTTP/1, or over a bound. */
  UPSTREAM_ANSWER,
  /** A status that is none: not 100 to 599. */
  UPSTREAM_STATUS,
  /** Interim answers without end. */
  UPSTREAM_INTERIM,
  /** A 101 that nobody asked for. */
  UPSTREAM_UPGRADE,
  /** The answer broke off behind its head, so that what the client got is incomplete. */
  UPSTREAM_CUT,

  // ---- calls of gRPC
  /** The deadline that the caller had set has passed. */
  CALL_DEADLINE,
  /** A change, a drain or the end of its life ended it. */
  CALL_ENDED,

  // ---- the upstream's 101
  /** Upgrade of a 101 is not {@code websocket}. */
  HANDSHAKE_UPGRADE,
  /** Connection of a 101 is not {@code upgrade}. */
  HANDSHAKE_CONNECTION,
  /** Sec-WebSocket-Accept is not the answer to the key. */
  HANDSHAKE_ACCEPT,
  /** A subprotocol that was not offered. */
  HANDSHAKE_SUBPROTOCOL,
  /** An extension that was not offered. */
  HANDSHAKE_EXTENSION,
  /** A 101 with a body. */
  HANDSHAKE_FRAMING;

  /** The value of the label and of the access log's field {@code reason}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
