package dev.longshore.proxy.filter;

/**
 * One question to a request. Compiled once when a policy is applied and shared by all event loops,
 * so it is immutable, blocks nothing, and parses nothing of the policy per request. {@link
 * RequestFilters} has the order.
 */
@FunctionalInterface
public interface RequestFilter {
  /** Judges a request. On its event loop. */
  Verdict test(FilterRequest request);
}
