package dev.longshore.proxy.policy;

import dev.longshore.contract.policy.FixedAnswer;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.Retries;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.FixedBody;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.filter.RequestFilters;
import dev.longshore.proxy.filter.ResponseFilters;
import dev.longshore.proxy.tunnel.TunnelTerms;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * All that is enforced of a policy, in the form in which it is. Compiled once for all rules that
 * share it, and the same object for as long as the policy stays the same.
 */
public final class CompiledPolicy {
  private final RequestFilters requests;
  private final ResponseFilters answers;
  private final HeaderEdits requestHeaders;
  private final Timeouts timeouts;
  private final int retries;
  private final TunnelTerms tunnels;
  private final @Nullable LocalAnswer fixedAnswer;

  private CompiledPolicy(Policy policy, RequestFilters requests) {
    this.requests = requests;
    this.answers = ResponseFilters.of(policy);
    this.requestHeaders = policy.get(RequestHeaders.class).edits();
    this.timeouts = policy.get(Timeouts.class);
    this.retries = policy.get(Retries.class).attempts();
    this.tunnels = TunnelTerms.of(policy);
    this.fixedAnswer = fixedAnswer(policy.get(FixedAnswer.class));
  }

  private static @Nullable LocalAnswer fixedAnswer(FixedAnswer fixed) {
    if (fixed.isDefault()) {
      return null;
    }
    LocalAnswer answer =
        LocalAnswer.ofRoute(HttpResponseStatus.valueOf(fixed.status()), "fixed answer")
            .with(FixedBody.of(fixed.body()));
    return fixed.contentType().isEmpty()
        ? answer
        : answer.with(HttpHeaderNames.CONTENT_TYPE, fixed.contentType().strip());
  }

  /** Compiles a policy. */
  public static CompiledPolicy of(Policy policy) {
    return of(policy, RequestFilters.of(policy));
  }

  /** Compiles a policy, but for its filters of requests. */
  public static CompiledPolicy of(Policy policy, RequestFilters requests) {
    return new CompiledPolicy(policy, requests);
  }

  /** Who is let in. */
  public RequestFilters requests() {
    return requests;
  }

  /** What is done to upstreams' answers. */
  public ResponseFilters answers() {
    return answers;
  }

  /** Edits on the way to the upstream. */
  public HeaderEdits requestHeaders() {
    return requestHeaders;
  }

  /** Connect, handshake, response and idle times, and how long a peer may take nothing. */
  public Timeouts timeouts() {
    return timeouts;
  }

  /** How many further endpoints are tried. */
  public int retries() {
    return retries;
  }

  /** What rules answer that ask nobody; null: nothing. */
  public @Nullable LocalAnswer fixedAnswer() {
    return fixedAnswer;
  }

  /** What tunnels that it lets in are given. */
  public TunnelTerms tunnels() {
    return tunnels;
  }
}
