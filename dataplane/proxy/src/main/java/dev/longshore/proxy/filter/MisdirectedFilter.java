package dev.longshore.proxy.filter;

import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import io.netty.handler.codec.http.HttpResponseStatus;

/** 421 on a connection that was made for another host (RFC 9110 §15.5.20). */
final class MisdirectedFilter implements RequestFilter {
  private static final Verdict MISDIRECTED =
      new Verdict.Answer(
          new LocalAnswer(
              HttpResponseStatus.MISDIRECTED_REQUEST,
              "this connection was made for another host",
              HandshakeOutcome.MALFORMED,
              AfterAnswer.KEEP,
              Reason.MISDIRECTED));

  @Override
  public Verdict test(FilterRequest request) {
    return request.misdirected() ? MISDIRECTED : Verdict.PASS;
  }
}
