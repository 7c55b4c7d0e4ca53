package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.Reason;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Locale;
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
 * @param failure which check failed, for operators; never sent to the client
 */
public record Refusal(
    HttpResponseStatus status,
    String detail,
    HandshakeOutcome outcome,
    AfterAnswer connection,
    @Nullable String location,
    int retryAfterSeconds,
    Failure failure) {

  private static final int MOST_WORDS = 200;

  /** RFC 5842 section 7.2. */
  private static final HttpResponseStatus LOOP_DETECTED =
      new HttpResponseStatus(508, "Loop Detected");

  private Refusal(
      HttpResponseStatus status,
      String detail,
      HandshakeOutcome outcome,
      AfterAnswer connection,
      Reason reason) {
    this(status, detail, outcome, connection, null, 0, new Failure(reason, detail));
  }

  /** The same answer, with another word on which check failed. */
  public Refusal because(Reason reason) {
    return because(reason, detail);
  }

  /**
   * The same answer, with more for operators than clients are told.
   *
   * @param why bounded; may hold what somebody sent
   */
  public Refusal because(Reason reason, String why) {
    return new Refusal(
        status, detail, outcome, connection, location, retryAfterSeconds, new Failure(reason, why));
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
        HttpResponseStatus.BAD_REQUEST,
        detail,
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.HEADER_FIELD);
  }

  /** The route's policy says no. */
  public static Refusal forbidden(String detail) {
    return new Refusal(
        HttpResponseStatus.FORBIDDEN,
        detail,
        HandshakeOutcome.FORBIDDEN,
        AfterAnswer.KEEP,
        Reason.POLICY);
  }

  /** It has to be asked over TLS. */
  static Refusal insecure(String location) {
    return new Refusal(
        HttpResponseStatus.PERMANENT_REDIRECT,
        "this host is served over TLS",
        HandshakeOutcome.FORBIDDEN,
        AfterAnswer.KEEP,
        location,
        0,
        new Failure(Reason.POLICY, "this host is served over TLS"));
  }

  /** The connection was made for another host (RFC 9110 §15.5.20). */
  static Refusal misdirected() {
    return new Refusal(
        HttpResponseStatus.MISDIRECTED_REQUEST,
        "this connection was made for another host",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.KEEP,
        Reason.MISDIRECTED);
  }

  /** It has to be a WebSocket handshake of version 13. */
  public static Refusal upgradeRequired(String detail) {
    return new Refusal(
        HttpResponseStatus.UPGRADE_REQUIRED,
        detail,
        HandshakeOutcome.MALFORMED,
        AfterAnswer.KEEP,
        Reason.HANDSHAKE);
  }

  /** No rule matches. */
  public static Refusal noRule() {
    return new Refusal(
        HttpResponseStatus.NOT_FOUND,
        "no route matches this host and path",
        HandshakeOutcome.NO_RULE,
        AfterAnswer.KEEP,
        Reason.NO_RULE);
  }

  /** A rule matches, and can't be served now. */
  public static Refusal unavailable(String detail) {
    return new Refusal(
        HttpResponseStatus.SERVICE_UNAVAILABLE,
        detail,
        HandshakeOutcome.UNAVAILABLE,
        AfterAnswer.KEEP,
        Reason.UNAVAILABLE);
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
        retryAfterSeconds,
        new Failure(Reason.LIMIT, detail));
  }

  /** The upstream refused, went away, or answered what can't be passed on. */
  public static Refusal badGateway(String detail) {
    return new Refusal(
        HttpResponseStatus.BAD_GATEWAY,
        detail,
        HandshakeOutcome.BAD_UPSTREAM,
        AfterAnswer.KEEP,
        Reason.UPSTREAM_ANSWER);
  }

  /** The upstream took too long. */
  public static Refusal gatewayTimeout(String detail) {
    return new Refusal(
        HttpResponseStatus.GATEWAY_TIMEOUT,
        detail,
        HandshakeOutcome.TIMED_OUT,
        AfterAnswer.KEEP,
        Reason.UPSTREAM_TIMEOUT);
  }

  /** The request head took too long. */
  static Refusal requestTimeout() {
    return new Refusal(
        HttpResponseStatus.REQUEST_TIMEOUT,
        "the request took too long to arrive",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.TOO_SLOW);
  }

  /** The body is larger than the listener takes. */
  static Refusal bodyTooLarge() {
    return new Refusal(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "the body is larger than allowed",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.TOO_LARGE);
  }

  /** Too many header fields, or too many bytes of them. */
  static Refusal headersTooLarge() {
    return new Refusal(
        HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "the header block is larger than allowed",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.TOO_LARGE);
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
        AfterAnswer.KEEP,
        Reason.TOO_LARGE);
  }

  /** A method that no route can serve. */
  static Refusal notImplemented(String method) {
    return new Refusal(
        HttpResponseStatus.NOT_IMPLEMENTED,
        method + " is not supported",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.METHOD);
  }

  /** An Expect header that means something we don't know (RFC 9110 §10.1.1). */
  static Refusal expectationFailed() {
    return new Refusal(
        HttpResponseStatus.EXPECTATION_FAILED,
        "only 100-continue can be expected",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.EXPECTATION);
  }

  /** It has come by here too often (RFC 8586). */
  static Refusal loop() {
    return new Refusal(
        LOOP_DETECTED,
        "the request goes round in circles: a route leads back to this proxy",
        HandshakeOutcome.LOOP,
        AfterAnswer.KEEP,
        Reason.LOOP);
  }

  /**
   * The decoder could not read it.
   *
   * @param line whether it is the request line that it could not read
   */
  static Refusal undecodable(DecoderResult result, boolean line) {
    return switch (result.cause()) {
      case TooLongHttpLineException _ ->
          new Refusal(
              HttpResponseStatus.REQUEST_URI_TOO_LONG,
              "the request line is longer than allowed",
              HandshakeOutcome.MALFORMED,
              AfterAnswer.CLOSE,
              Reason.TOO_LARGE);
      case TooLongHttpHeaderException _ -> headersTooLarge();
      case null, default ->
          malformed("the request is not well-formed HTTP/1.1")
              .because(reason(line, words(result.cause())), words(result.cause()));
    };
  }

  /** The decoder tells apart what it says, and not by classes. */
  private static Reason reason(boolean line, String words) {
    if (line) {
      return Reason.REQUEST_LINE;
    }
    String lower = words.toLowerCase(Locale.ROOT);
    return lower.contains("content-length") || lower.contains("transfer-encoding")
        ? Reason.FRAMING
        : Reason.HEADER_FIELD;
  }

  /** What a decoder says, which may quote what it was given; the log escapes it. */
  static String words(@Nullable Throwable cause) {
    String message = cause == null ? null : cause.getMessage();
    String words = message == null ? "not well-formed" : message;
    return words.length() <= MOST_WORDS ? words : words.substring(0, MOST_WORDS) + "...";
  }
}
