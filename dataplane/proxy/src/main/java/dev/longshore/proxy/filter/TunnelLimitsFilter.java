package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.limit.LimitVerdict;

/**
 * {@code limits.connections}, {@code connectionsPerClient} and {@code
 * handshakesPerSecondPerClient}: 429 for a handshake beyond them. One that is let in holds a permit
 * until its tunnel has ended, also where nothing is limited: a limit that is set later finds it.
 */
final class TunnelLimitsFilter implements RequestFilter {
  private final Limits limits;

  private TunnelLimitsFilter(Limits limits) {
    this.limits = limits;
  }

  static RequestFilter of(Policy policy) {
    return new TunnelLimitsFilter(policy.get(Limits.class));
  }

  @Override
  public Verdict test(FilterRequest request) {
    if (!request.websocket()) {
      return Verdict.PASS;
    }
    return held(request, request.limiter().admit(request.source(), limits, request.address()));
  }

  /** Has the request hold the permit that it was given. */
  static Verdict held(FilterRequest request, LimitVerdict verdict) {
    return switch (verdict) {
      case LimitVerdict.Limited limited -> RequestRateFilter.answer(limited);
      case LimitVerdict.Permitted permitted -> {
        request.hold(permitted.permit());
        yield Verdict.PASS;
      }
    };
  }
}
