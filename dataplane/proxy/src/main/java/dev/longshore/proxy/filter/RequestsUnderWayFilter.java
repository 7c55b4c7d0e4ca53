package dev.longshore.proxy.filter;

/**
 * Plain requests that one client has under way, whatever the policy: each may hold an upstream
 * connection. 429 beyond {@link dev.longshore.contract.HardLimits#REQUESTS_PER_CLIENT}.
 */
final class RequestsUnderWayFilter implements RequestFilter {
  static final RequestFilter INSTANCE = new RequestsUnderWayFilter();

  private RequestsUnderWayFilter() {}

  @Override
  public Verdict test(FilterRequest request) {
    return request.websocket()
        ? Verdict.PASS
        : TunnelLimitsFilter.held(request, request.limiter().admitRequest(request.address()));
  }
}
