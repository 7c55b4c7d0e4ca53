package dev.longshore.proxy.http;

import dev.longshore.proxy.observe.HandshakeOutcome;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is answered by the proxy itself.
 *
 * @param status what the client is told
 * @param detail one clause in plain words; sent to the client, so it says nothing of upstreams
 * @param outcome how a handshake is counted that is refused so
 * @param connection what becomes of the client's connection
 * @param location where the client should ask instead; null: nowhere
 * @param retryAfterSeconds when it is worth asking again; 0: there is no telling
 */
public record Refusal(
    HttpResponseStatus status,
    String detail,
    HandshakeOutcome outcome,
    AfterAnswer connection,
    @Nullable String location,
    int retryAfterSeconds) {

  private Refusal(
      HttpResponseStatus status, String detail, HandshakeOutcome outcome, AfterAnswer connection) {
    this(status, detail, outcome, connection, null, 0);
  }

  /** What becomes of the client's connection after the answer. */
  public enum AfterAnswer {
    /** It stays open, if the request is complete and nothing else speaks against it. */
    KEEP,
    /**
     * It is closed: where the next request would start is in doubt, or the client is misbehaving.
     */
    CLOSE
  }

  /** The request can't be understood, or understood in two ways. */
  public static Refusal malformed(String detail) {
    return new Refusal(
        HttpResponseStatus.BAD_REQUEST, detail, HandshakeOutcome.MALFORMED, AfterAnswer.CLOSE);
  }

  /** The route's policy says no. */
  public static Refusal forbidden(String detail) {
    return new Refusal(
        HttpResponseStatus.FORBIDDEN, detail, HandshakeOutcome.FORBIDDEN, AfterAnswer.KEEP);
  }

  /** It has to be asked over TLS. */
  static Refusal insecure(String location) {
    return new Refusal(
        HttpResponseStatus.PERMANENT_REDIRECT,
        "this host is served over TLS",
        HandshakeOutcome.FORBIDDEN,
        AfterAnswer.KEEP,
        location,
        0);
  }

  /** The connection was made for another host (RFC 9110 §15.5.20). */
  static Refusal misdirected() {
    return new Refusal(
        HttpResponseStatus.MISDIRECTED_REQUEST,
        "this connection was made for another host",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.KEEP);
  }

  /** It has to be a WebSocket handshake of version 13. */
  public static Refusal upgradeRequired(String detail) {
    return new Refusal(
        HttpResponseStatus.UPGRADE_REQUIRED, detail, HandshakeOutcome.MALFORMED, AfterAnswer.KEEP);
  }

  /** No rule matches. */
  public static Refusal noRule() {
    return new Refusal(
        HttpResponseStatus.NOT_FOUND,
        "no route matches this host and path",
        HandshakeOutcome.NO_RULE,
        AfterAnswer.KEEP);
  }

  /** A rule matches, and can't be served now. */
  public static Refusal unavailable(String detail) {
    return new Refusal(
        HttpResponseStatus.SERVICE_UNAVAILABLE,
        detail,
        HandshakeOutcome.UNAVAILABLE,
        AfterAnswer.KEEP);
  }

  /**
   * A limit is reached.
   *
   * @param retryAfterSeconds when it is worth asking again, at least 1
   */
  public static Refusal limited(String detail, int retryAfterSeconds) {
    return new Refusal(
        HttpResponseStatus.TOO_MANY_REQUESTS,
        detail,
        HandshakeOutcome.LIMITED,
        AfterAnswer.KEEP,
        null,
        retryAfterSeconds);
  }

  /** The upstream refused, went away, or answered what can't be passed on. */
  public static Refusal badGateway(String detail) {
    return new Refusal(
        HttpResponseStatus.BAD_GATEWAY, detail, HandshakeOutcome.BAD_UPSTREAM, AfterAnswer.KEEP);
  }

  /** The upstream took too long. */
  public static Refusal gatewayTimeout(String detail) {
    return new Refusal(
        HttpResponseStatus.GATEWAY_TIMEOUT, detail, HandshakeOutcome.TIMED_OUT, AfterAnswer.KEEP);
  }

  /** The request head took too long. */
  static Refusal requestTimeout() {
    return new Refusal(
        HttpResponseStatus.REQUEST_TIMEOUT,
        "the request took too long to arrive",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE);
  }

  /** The body is larger than the listener takes. */
  static Refusal bodyTooLarge() {
    return new Refusal(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "the body is larger than allowed",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE);
  }

  /** Too many header fields, or too many bytes of them. */
  static Refusal headersTooLarge() {
    return new Refusal(
        HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "the header block is larger than allowed",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE);
  }

  /**
   * The host's patterns and conditions can't be held against so long a target (RFC 9110 §15.5.15),
   * or so many fields, within the bounds of one request.
   */
  static Refusal tooCostly() {
    return new Refusal(
        HttpResponseStatus.REQUEST_URI_TOO_LONG,
        "the request is too long for the patterns of this host",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.KEEP);
  }

  /** A method that no route can serve. */
  static Refusal notImplemented(String method) {
    return new Refusal(
        HttpResponseStatus.NOT_IMPLEMENTED,
        method + " is not supported",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE);
  }

  /** An Expect header that means something we don't know (RFC 9110 §10.1.1). */
  static Refusal expectationFailed() {
    return new Refusal(
        HttpResponseStatus.EXPECTATION_FAILED,
        "only 100-continue can be expected",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE);
  }

  /** The decoder could not read it. */
  static Refusal undecodable(DecoderResult result) {
    return switch (result.cause()) {
      case TooLongHttpLineException _ ->
          new Refusal(
              HttpResponseStatus.REQUEST_URI_TOO_LONG,
              "the request line is longer than allowed",
              HandshakeOutcome.MALFORMED,
              AfterAnswer.CLOSE);
      case TooLongHttpHeaderException _ -> headersTooLarge();
      case null, default -> malformed("the request is not well-formed HTTP/1.1");
    };
  }
}
