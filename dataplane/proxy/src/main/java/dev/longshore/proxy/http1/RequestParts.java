package dev.longshore.proxy.http1;

import dev.longshore.proxy.http.Exchange;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** The parts of a request's body, from the codec's form into an exchange's. */
final class RequestParts {
  private RequestParts() {}

  /** Hands one on. Taken over. */
  static void hand(HttpContent part, Exchange to) {
    if (part.decoderResult().isFailure()) {
      part.release();
      to.requestMalformed(part.decoderResult().cause());
    } else if (part instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
      // Of chunks, whose last one is empty.
      part.release();
      to.requestTrailers(last.trailingHeaders());
    } else {
      to.requestData(part.content(), part instanceof LastHttpContent);
    }
  }
}
