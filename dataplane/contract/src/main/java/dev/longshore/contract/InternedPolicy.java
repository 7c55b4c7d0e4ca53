package dev.longshore.contract;

import dev.longshore.contract.policy.Policy;

/**
 * A policy and the id that rules name it by.
 *
 * @param id what {@link SnapshotBuilder#policy} gives for the policy
 * @param policy the content
 */
public record InternedPolicy(String id, Policy policy) {
  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if it is not that of the content
   */
  public InternedPolicy {
    String right = Canonical.hash(policy).policyId();
    if (!right.equals(id)) {
      throw new IllegalArgumentException("its id is not that of the content, which is " + right);
    }
  }
}
