package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import org.jspecify.annotations.Nullable;

/**
 * {@code insecure}: 308 to TLS. A WebSocket gets 403, for no client follows a redirect of an
 * upgrade, and what it says was said in the clear.
 */
final class InsecureFilter implements SubjectFilter {
  private static final Verdict NOT_IN_THE_CLEAR =
      new Verdict.Answer(
          LocalAnswer.forbidden("this host takes WebSocket handshakes over TLS only"));

  private InsecureFilter() {}

  static @Nullable RequestFilter of(Policy policy) {
    return policy.get(InsecureMode.class) == InsecureMode.REDIRECT ? new InsecureFilter() : null;
  }

  @Override
  public Verdict judge(PolicySubject subject) {
    return subject.secure() ? Verdict.PASS : NOT_IN_THE_CLEAR;
  }

  @Override
  public Verdict test(FilterRequest request) {
    return request.secure() || request.websocket()
        ? judge(request)
        : new Verdict.Answer(
            LocalAnswer.redirect("this host is served over TLS", request.secureUri()));
  }
}
