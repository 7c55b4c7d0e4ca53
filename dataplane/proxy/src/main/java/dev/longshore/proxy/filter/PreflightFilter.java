package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.FixedBody;
import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * {@code cors}: answers preflights, with 204 for origins that are listed and 403 for others. What
 * may be asked for is told as it is, and the browser holds its page to it.
 */
final class PreflightFilter implements RequestFilter {
  private static final LocalAnswer ALLOWED =
      LocalAnswer.ofRoute(HttpResponseStatus.NO_CONTENT, "CORS preflight").with(FixedBody.NONE);

  /** Its {@code Vary} comes from who edits all answers of the route. */
  private static final Verdict NOT_ALLOWED =
      new Verdict.Answer(LocalAnswer.forbidden("pages of this Origin may not ask this route"));

  private final CorsTerms terms;

  private PreflightFilter(CorsTerms terms) {
    this.terms = terms;
  }

  static @Nullable RequestFilter of(Policy policy) {
    CorsTerms terms = CorsTerms.of(policy);
    return terms == null ? null : new PreflightFilter(terms);
  }

  @Override
  public Verdict test(FilterRequest request) {
    if (request.websocket()
        || !HttpMethod.OPTIONS.equals(request.method())
        || !request.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD)
        || request.origins().isEmpty()) {
      return Verdict.PASS;
    }
    String allowed = terms.allowed(request.origins());
    return allowed == null ? NOT_ALLOWED : new Verdict.Answer(terms.preflight(ALLOWED, allowed));
  }
}
