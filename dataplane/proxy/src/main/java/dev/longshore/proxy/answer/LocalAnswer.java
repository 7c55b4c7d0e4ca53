package dev.longshore.proxy.answer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the proxy's own. All of them are one of these, whoever makes it: a filter, what
 * reads requests, or an exchange whose upstream fails. Immutable, so one that says nothing of the
 * request is made once.
 *
 * @param status what the client is told
 * @param detail one clause in plain words; sent to the client, so it says nothing of upstreams
 * @param fields beside those that every answer has, in order
 * @param outcome how a handshake is counted that is answered so
 * @param connection what becomes of the client's connection
 * @param failure which check failed, for operators; never sent to the client
 * @param body that is sent in place of {@code detail}, as it is; null: that is said in words
 */
public record LocalAnswer(
    HttpResponseStatus status,
    String detail,
    List<Field> fields,
    HandshakeOutcome outcome,
    AfterAnswer connection,
    Failure failure,
    @Nullable FixedBody body) {

  /** What becomes of the client's connection after the answer. */
  public enum AfterAnswer {
    /** It stays open, if the request is complete and nothing else speaks against it. */
    KEEP,
    /**
     * It is closed: where the next request would start is in doubt, or the client is misbehaving.
     */
    CLOSE
  }

  /**
   * A header field.
   *
   * @param value well-formed (RFC 9110 §5.5): whoever makes it of what somebody sent sees to that
   */
  public record Field(AsciiString name, String value) {}

  public LocalAnswer {
    fields = List.copyOf(fields);
  }

  /** One without fields, whose detail is all that operators are told too. */
  public LocalAnswer(
      HttpResponseStatus status,
      String detail,
      HandshakeOutcome outcome,
      AfterAnswer connection,
      Reason reason) {
    this(status, detail, List.of(), outcome, connection, new Failure(reason, detail), null);
  }

  /** The same answer, with another word on which check failed. */
  public LocalAnswer because(Reason reason) {
    return because(reason, detail);
  }

  /**
   * The same answer, with more for operators than clients are told.
   *
   * @param why bounded; may hold what somebody sent
   */
  public LocalAnswer because(Reason reason, String why) {
    return new LocalAnswer(
        status, detail, fields, outcome, connection, new Failure(reason, why), body);
  }

  /** The same answer with a field more. */
  public LocalAnswer with(AsciiString name, String value) {
    return with(List.of(new Field(name, value)));
  }

  /** The same answer with these fields behind its own. */
  public LocalAnswer with(List<Field> others) {
    List<Field> more = new ArrayList<>(fields);
    more.addAll(others);
    return withOnly(more);
  }

  /** The same answer with these fields in place of its own. */
  public LocalAnswer withOnly(List<Field> these) {
    return new LocalAnswer(status, detail, these, outcome, connection, failure, body);
  }

  /** The same answer with a body of its own; what type it is of is a field's business. */
  public LocalAnswer with(FixedBody other) {
    return new LocalAnswer(status, detail, fields, outcome, connection, failure, other);
  }

  /** Whether it has a field. */
  public boolean has(AsciiString name) {
    return fields.stream().anyMatch(field -> field.name().contentEqualsIgnoreCase(name));
  }

  /** 400: the request can't be understood, or understood in two ways. */
  public static LocalAnswer malformed(String detail) {
    return new LocalAnswer(
        HttpResponseStatus.BAD_REQUEST,
        detail,
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.HEADER_FIELD);
  }

  /** 403: the route's policy says no. */
  public static LocalAnswer forbidden(String detail) {
    return new LocalAnswer(
        HttpResponseStatus.FORBIDDEN,
        detail,
        HandshakeOutcome.FORBIDDEN,
        AfterAnswer.KEEP,
        Reason.POLICY);
  }

  /**
   * What a route says by itself: nothing is wrong.
   *
   * @param detail one clause; sent where {@code body} doesn't take its place
   */
  public static LocalAnswer ofRoute(HttpResponseStatus status, String detail) {
    return new LocalAnswer(
        status, detail, HandshakeOutcome.ANSWERED, AfterAnswer.KEEP, Reason.ROUTE_ANSWER);
  }

  /**
   * 308: to be asked elsewhere, by the same method.
   *
   * @param location an absolute URI
   */
  public static LocalAnswer redirect(String detail, String location) {
    return new LocalAnswer(
            HttpResponseStatus.PERMANENT_REDIRECT,
            detail,
            HandshakeOutcome.FORBIDDEN,
            AfterAnswer.KEEP,
            Reason.POLICY)
        .with(HttpHeaderNames.LOCATION, location);
  }

  /** 426: it has to be a WebSocket handshake of version 13. */
  public static LocalAnswer upgradeRequired(String detail) {
    // RFC 6455 §4.4 and RFC 9110 §15.5.22: what would be right.
    return new LocalAnswer(
            HttpResponseStatus.UPGRADE_REQUIRED,
            detail,
            HandshakeOutcome.MALFORMED,
            AfterAnswer.KEEP,
            Reason.HANDSHAKE)
        .with(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13")
        .with(HttpHeaderNames.UPGRADE, "websocket")
        .with(HttpHeaderNames.CONNECTION, "upgrade");
  }

  /** 503: a rule matches, and can't be served now. */
  public static LocalAnswer unavailable(String detail) {
    return new LocalAnswer(
        HttpResponseStatus.SERVICE_UNAVAILABLE,
        detail,
        HandshakeOutcome.UNAVAILABLE,
        AfterAnswer.KEEP,
        Reason.UNAVAILABLE);
  }

  /**
   * 429: a limit is reached.
   *
   * @param retryAfterSeconds when it is worth asking again, at least 1
   */
  public static LocalAnswer limited(String detail, int retryAfterSeconds) {
    return new LocalAnswer(
            HttpResponseStatus.TOO_MANY_REQUESTS,
            detail,
            HandshakeOutcome.LIMITED,
            AfterAnswer.KEEP,
            Reason.LIMIT)
        .with(HttpHeaderNames.RETRY_AFTER, Integer.toString(retryAfterSeconds));
  }

  /** 502: the upstream refused, went away, or answered what can't be passed on. */
  public static LocalAnswer badGateway(String detail) {
    return new LocalAnswer(
        HttpResponseStatus.BAD_GATEWAY,
        detail,
        HandshakeOutcome.BAD_UPSTREAM,
        AfterAnswer.KEEP,
        Reason.UPSTREAM_ANSWER);
  }

  /** 504: the upstream took too long. */
  public static LocalAnswer gatewayTimeout(String detail) {
    return new LocalAnswer(
        HttpResponseStatus.GATEWAY_TIMEOUT,
        detail,
        HandshakeOutcome.TIMED_OUT,
        AfterAnswer.KEEP,
        Reason.UPSTREAM_TIMEOUT);
  }
}
