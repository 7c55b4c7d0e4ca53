package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** Answers to what is wrong with a request before any policy is asked. */
public final class HttpAnswers {
  /** No rule matches. */
  static final LocalAnswer NO_RULE =
      new LocalAnswer(
          HttpResponseStatus.NOT_FOUND,
          "no route matches this host and path",
          HandshakeOutcome.NO_RULE,
          AfterAnswer.KEEP,
          Reason.NO_RULE);

  /** The listener has names, of which this is none. */
  static final LocalAnswer NOT_HERE =
      new LocalAnswer(
          HttpResponseStatus.NOT_FOUND,
          "this host is not served on this port",
          HandshakeOutcome.NO_RULE,
          AfterAnswer.KEEP,
          Reason.NO_RULE);

  /** The request head took too long. */
  public static final LocalAnswer REQUEST_TIMEOUT =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_TIMEOUT,
          "the request took too long to arrive",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_SLOW);

  /** The body is larger than the listener takes. */
  public static final LocalAnswer BODY_TOO_LARGE =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
          "the body is larger than allowed",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_LARGE);

  /** The request line can't be read for its length, or what stands for it in a later protocol. */
  public static final LocalAnswer TARGET_TOO_LONG =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_URI_TOO_LONG,
          "the request line is longer than allowed",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_LARGE);

  /** Too many header fields, or too many bytes of them. */
  public static final LocalAnswer HEADERS_TOO_LARGE =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          "the header block is larger than allowed",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_LARGE);

  /**
   * The host's patterns and conditions can't be held against so long a target (RFC 9110 §15.5.15),
   * or so many fields, within the bounds of one request.
   */
  static final LocalAnswer TOO_COSTLY =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_URI_TOO_LONG,
          "the request is too long for the patterns of this host",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.KEEP,
          Reason.TOO_LARGE);

  /** An Expect header that means something we don't know (RFC 9110 §10.1.1). */
  static final LocalAnswer EXPECTATION_FAILED =
      new LocalAnswer(
          HttpResponseStatus.EXPECTATION_FAILED,
          "only 100-continue can be expected",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.EXPECTATION);

  /** It has come by here too often (RFC 8586); the status is of RFC 5842 §7.2. */
  static final LocalAnswer LOOP =
      new LocalAnswer(
          new HttpResponseStatus(508, "Loop Detected"),
          "the request goes round in circles: a route leads back to this proxy",
          HandshakeOutcome.LOOP,
          AfterAnswer.KEEP,
          Reason.LOOP);

  private static final int MOST_WORDS = 200;

  private HttpAnswers() {}

  /** A method that no route can serve. */
  public static LocalAnswer notImplemented(String method) {
    return new LocalAnswer(
        HttpResponseStatus.NOT_IMPLEMENTED,
        method + " is not supported",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.METHOD);
  }

  /** Whether a body of so many bytes is {@linkplain #BODY_TOO_LARGE too large}. */
  public static boolean exceeds(long bytes, Bounds bounds) {
    return bounds.bodyBytes() > 0 && bytes > bounds.bodyBytes();
  }

  /** What a decoder says, which may quote what it was given; the log escapes it. */
  public static String words(@Nullable Throwable cause) {
    String message = cause == null ? null : cause.getMessage();
    String words = message == null ? "not well-formed" : message;
    return words.length() <= MOST_WORDS ? words : words.substring(0, MOST_WORDS) + "...";
  }
}
