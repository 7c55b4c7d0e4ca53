package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import org.jspecify.annotations.Nullable;

/** A place that says something of policies. */
public sealed interface Source permits Source.OfResource, Statements {
  /** What it says of the leaf; null: nothing. */
  <V> @Nullable Stated<V> find(Leaf<V, ?> leaf);

  /** The policy of a WebSocketRoute; null: it has none. */
  static @Nullable Source of(@Nullable Policy policy, String fieldPath) {
    return policy == null ? null : new OfResource(policy, fieldPath + ".", Mistakes.REFUSE);
  }

  /** The policy that a class has for all: its mistakes are told to whoever wrote it. */
  static Source ofClass(Policy policy, String fieldPath) {
    return new OfResource(policy, fieldPath + ".", Mistakes.PASS_OVER);
  }

  /**
   * A policy that stands in a resource.
   *
   * @param prefix of the path of a leaf
   */
  record OfResource(Policy policy, String prefix, Mistakes mistakes) implements Source {
    @Override
    public <V> @Nullable Stated<V> find(Leaf<V, ?> leaf) {
      V value = leaf.of(policy);
      return value == null ? null : new Stated<>(value, prefix + leaf.path(), mistakes);
    }
  }
}
