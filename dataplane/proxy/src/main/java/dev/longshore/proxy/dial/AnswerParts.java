package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.UpstreamListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** The parts of an answer's body, from the codec's form into what a listener hears. */
final class AnswerParts {
  private AnswerParts() {}

  /** Hands one on. Taken over. */
  static void hand(HttpContent part, UpstreamListener to) {
    if (part.decoderResult().isFailure()) {
      part.release();
      to.answerMalformed(part.decoderResult().cause());
    } else if (part instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
      // Of chunks, whose last one is empty.
      part.release();
      to.answerTrailers(last.trailingHeaders());
    } else {
      to.answerData(part.content(), part instanceof LastHttpContent);
    }
  }
}
