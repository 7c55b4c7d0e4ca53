package dev.longshore.contract;

import dev.longshore.contract.policy.Policy;

/** How many bytes an entry takes in its canonical form, which is what quotas count. */
public final class CanonicalSize {
  private CanonicalSize() {}

  /** Of a rule. */
  public static int of(LocationRule rule) {
    return Canonical.form("rule", rule).length;
  }

  /** Of a pool; credentials that it names are none of it. */
  public static int of(UpstreamPool pool) {
    return Canonical.form("pool", pool).length;
  }

  /** Of a policy. */
  public static int of(Policy policy) {
    return Canonical.form("policy", policy).length;
  }
}
