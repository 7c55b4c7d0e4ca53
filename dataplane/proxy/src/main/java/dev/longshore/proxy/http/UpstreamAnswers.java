package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;

/** Answers to requests that no endpoint answers, or not to its end. */
final class UpstreamAnswers {
  static final LocalAnswer NOT_READY = LocalAnswer.unavailable("no endpoint is ready");

  /** Without Retry-After: nobody knows when a tunnel ends. */
  static final LocalAnswer FULL =
      LocalAnswer.unavailable("every endpoint has as many connections as it may");

  static final LocalAnswer NO_MEMORY = LocalAnswer.unavailable("out of memory for network buffers");

  static final LocalAnswer NO_CONNECTION =
      LocalAnswer.unavailable("no connection to an upstream can be begun now");

  static final LocalAnswer CONNECT_TIMEOUT =
      LocalAnswer.gatewayTimeout("the upstream did not accept the connection in time");

  static final LocalAnswer CLOSED =
      LocalAnswer.badGateway("the upstream closed the connection").because(Reason.UPSTREAM_CONNECT);

  static final LocalAnswer STOPPED_ANSWERING =
      LocalAnswer.gatewayTimeout("the upstream stopped answering")
          .because(Reason.UPSTREAM_CUT, "no further byte of the answer within the idle time");

  static final LocalAnswer INCOMPLETE =
      LocalAnswer.badGateway("the upstream's answer is incomplete")
          .because(
              Reason.UPSTREAM_CUT, "the connection ended before the answer did, or by a reset");

  static final LocalAnswer TWICE =
      LocalAnswer.badGateway("the upstream answered twice")
          .because(Reason.UPSTREAM_CUT, "another answer came within the first one");

  private UpstreamAnswers() {}

  static LocalAnswer refused(Throwable cause) {
    return LocalAnswer.badGateway("the upstream refused the connection")
        .because(Reason.UPSTREAM_CONNECT, HttpAnswers.words(cause));
  }

  static LocalAnswer tlsFailed(Throwable cause) {
    return LocalAnswer.badGateway("the TLS handshake with the upstream failed")
        .because(Reason.UPSTREAM_TLS, HttpAnswers.words(RequestRecorder.root(cause)));
  }

  static LocalAnswer malformed(Reason reason, String why) {
    return LocalAnswer.badGateway("the upstream's answer is malformed").because(reason, why);
  }
}
