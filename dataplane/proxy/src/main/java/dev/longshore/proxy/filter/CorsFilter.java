package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * {@code cors}: says which pages may read an answer, in place of the upstream. The proxy's own
 * answers say it too, or a page could not tell a 401 from a broken line. Handshakes have no such
 * protocol: whose pages may connect is {@code origins}.
 */
final class CorsFilter implements ResponseFilter {
  private final CorsTerms terms;

  private CorsFilter(CorsTerms terms) {
    this.terms = terms;
  }

  static @Nullable ResponseFilter of(Policy policy) {
    CorsTerms terms = CorsTerms.of(policy);
    return terms == null ? null : new CorsFilter(terms);
  }

  @Override
  public void edit(HttpHeaders head, Answered to) {
    if (!to.websocket()) {
      terms.edit(head, to.origins());
    }
  }

  @Override
  public void editTrailers(HttpHeaders trailers) {
    CorsTerms.remove(trailers);
  }

  @Override
  public LocalAnswer own(LocalAnswer answer, Answered to) {
    // The answer to a preflight says it already.
    return to.websocket() || answer.has(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN)
        ? answer
        : terms.edit(answer, to.origins());
  }
}
