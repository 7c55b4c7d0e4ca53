package dev.longshore.proxy.http1;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/**
 * The form in which the encoder takes the head of an answer. One of a connection, for one head
 * after the other: it is encoded while it is written.
 */
final class AnswerHead extends DefaultHttpResponse {
  private final AnswerFraming framing = new AnswerFraming();
  private HttpHeaders fields = EmptyHttpHeaders.INSTANCE;

  AnswerHead() {
    super(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, EmptyHttpHeaders.INSTANCE);
  }

  /** How the answer is delimited that it is of. */
  AnswerFraming framing() {
    return framing;
  }

  /** What is to be written now. */
  HttpResponse of(HttpResponseStatus status, HttpHeaders these) {
    fields = these;
    return setStatus(status);
  }

  /** It has been. */
  void forget() {
    fields = EmptyHttpHeaders.INSTANCE;
  }

  @Override
  public HttpHeaders headers() {
    return fields;
  }
}
