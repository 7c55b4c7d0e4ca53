package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.limit.LimitVerdict;
import org.jspecify.annotations.Nullable;

/**
 * {@code limits.requestsPerSecondPerClient}: 429 for who asks plain requests too often. A request
 * that is refused for something else afterwards has been one all the same.
 */
final class RequestRateFilter implements RequestFilter {
  private final RequestRate rate;

  private RequestRateFilter(RequestRate rate) {
    this.rate = rate;
  }

  static @Nullable RequestFilter of(Policy policy) {
    RequestRate rate = policy.get(RequestRate.class);
    return rate.perSecondPerClient() > 0 ? new RequestRateFilter(rate) : null;
  }

  @Override
  public Verdict test(FilterRequest request) {
    if (request.websocket()) {
      return Verdict.PASS;
    }
    LimitVerdict.Limited limited =
        request.limiter().exceeded(request.source(), rate, request.address());
    return limited == null ? Verdict.PASS : answer(limited);
  }

  /** What a client is told who has reached a limit. */
  static Verdict answer(LimitVerdict.Limited limited) {
    return new Verdict.Answer(
        LocalAnswer.limited(limited.limit().detail(), limited.retryAfterSeconds()));
  }
}
