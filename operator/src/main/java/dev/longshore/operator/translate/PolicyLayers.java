package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The policies that lie over each other at a location, merged leaf by leaf: for each leaf the
 * highest layer that has one counts, with the field path it stands at.
 *
 * @param layers the highest first
 */
record PolicyLayers(List<Layer> layers) {
  PolicyLayers {
    layers = List.copyOf(layers);
  }

  /** These layers with another one over them; these alone when it is null. */
  PolicyLayers under(@Nullable Layer layer) {
    if (layer == null) {
      return this;
    }
    List<Layer> all = new ArrayList<>(layers.size() + 1);
    all.add(layer);
    all.addAll(layers);
    return new PolicyLayers(all);
  }

  /** The leaf of every layer that has one, the highest first. */
  <T> List<Leaf<T>> leaves(String field, Function<Policy, ? extends @Nullable T> get) {
    List<Leaf<T>> found = new ArrayList<>(1);
    for (Layer layer : layers) {
      T value = get.apply(layer.policy);
      if (value != null) {
        found.add(new Leaf<>(value, layer.path.apply(field), layer.mistakes));
      }
    }
    return found;
  }

  /** What a value that isn't right does to the rules, where nothing would be opened without it. */
  enum Mistakes {
    /** They are not served. */
    REFUSE,
    /** They go on without it, and the owner is warned. */
    WARN,
    /** They go on without it; somebody else is told. */
    PASS_OVER
  }

  /**
   * One policy and where it stands.
   *
   * @param path from a leaf's path within the policy ({@code timeouts.idle}) to its field path
   */
  record Layer(Policy policy, UnaryOperator<String> path, Mistakes mistakes) {
    /** A policy of a WebSocketRoute. */
    static @Nullable Layer of(@Nullable Policy policy, String fieldPath) {
      return policy == null
          ? null
          : new Layer(policy, leaf -> fieldPath + "." + leaf, Mistakes.REFUSE);
    }
  }

  /** A value with its field path. */
  record Leaf<T>(T value, String path, Mistakes mistakes) {
    /** Whether it is the resource's own, and not of what its class has for all. */
    boolean isOwn() {
      return mistakes != Mistakes.PASS_OVER;
    }
  }
}
