package dev.longshore.proxy.http1;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.http.HttpAnswers;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Locale;

/** What is answered to bytes that are no head of a request. */
final class Undecodable {
  private Undecodable() {}

  /**
   * The decoder could not read it.
   *
   * @param line whether it is the request line that it could not read
   */
  static LocalAnswer answer(DecoderResult result, boolean line) {
    return switch (result.cause()) {
      case TooLongHttpLineException _ -> HttpAnswers.TARGET_TOO_LONG;
      case TooLongHttpHeaderException _ -> HttpAnswers.HEADERS_TOO_LARGE;
      case null, default ->
          LocalAnswer.malformed("the request is not well-formed HTTP/1.1")
              .because(
                  reason(line, HttpAnswers.words(result.cause())),
                  HttpAnswers.words(result.cause()));
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
}
