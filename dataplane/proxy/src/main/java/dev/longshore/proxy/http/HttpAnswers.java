package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Answers to what is wrong with a request before any policy is asked. */
final class HttpAnswers {
  /** No rule matches. */
  static final LocalAnswer NO_RULE =
      new LocalAnswer(
          HttpResponseStatus.NOT_FOUND,
          "no route matches this host and path",
          HandshakeOutcome.NO_RULE,
          AfterAnswer.KEEP,
          Reason.NO_RULE);

  /** The request head took too long. */
  static final LocalAnswer REQUEST_TIMEOUT =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_TIMEOUT,
          "the request took too long to arrive",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_SLOW);

  /** The body is larger than the listener takes. */
  static final LocalAnswer BODY_TOO_LARGE =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
          "the body is larger than allowed",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_LARGE);

  /** Too many header fields, or too many bytes of them. */
  static final LocalAnswer HEADERS_TOO_LARGE =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          "the header block is larger than allowed",
          HandshakeOutcome.MALFORMED,
          AfterAnswer.CLOSE,
          Reason.TOO_LARGE);

  /** The request line can't be read for its length. */
  private static final LocalAnswer LINE_TOO_LONG =
      new LocalAnswer(
          HttpResponseStatus.REQUEST_URI_TOO_LONG,
          "the request line is longer than allowed",
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
  static LocalAnswer notImplemented(String method) {
    return new LocalAnswer(
        HttpResponseStatus.NOT_IMPLEMENTED,
        method + " is not supported",
        HandshakeOutcome.MALFORMED,
        AfterAnswer.CLOSE,
        Reason.METHOD);
  }

  /**
   * The decoder could not read it.
   *
   * @param line whether it is the request line that it could not read
   */
  static LocalAnswer undecodable(DecoderResult result, boolean line) {
    return switch (result.cause()) {
      case TooLongHttpLineException _ -> LINE_TOO_LONG;
      case TooLongHttpHeaderException _ -> HEADERS_TOO_LARGE;
      case null, default ->
          LocalAnswer.malformed("the request is not well-formed HTTP/1.1")
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
