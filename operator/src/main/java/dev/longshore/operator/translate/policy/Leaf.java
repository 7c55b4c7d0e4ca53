package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A field of policies.
 *
 * @param <V> how it stands in a resource
 * @param <T> what it means
 */
public final class Leaf<V, T> {
  private final String path;
  private final @Nullable String annotation;
  private final Getter<V> getter;
  private final Form<V, T> form;
  private final T byDefault;
  private final boolean closes;

  private Leaf(
      String path,
      @Nullable String annotation,
      Getter<V> getter,
      Form<V, T> form,
      T byDefault,
      boolean closes) {
    this.path = path;
    this.annotation = annotation;
    this.getter = getter;
    this.form = form;
    this.byDefault = byDefault;
    this.closes = closes;
  }

  /** Gets a field of a policy; null when the policy doesn't say it. */
  interface Getter<V> {
    @Nullable V get(Policy policy);

    /** A field of a group of fields, which may be missing as a whole. */
    static <G, V> Getter<V> in(
        Function<Policy, @Nullable G> group, Function<G, @Nullable V> field) {
      return policy -> {
        G found = group.apply(policy);
        return found == null ? null : field.apply(found);
      };
    }
  }

  /**
   * One without which the rules can go on: a mistake in an annotation is a warning.
   *
   * @param path within a policy, such as {@code timeouts.idle}
   * @param annotation its name behind {@code longshore.dev/}; null: none says it
   */
  static <V, T> Leaf<V, T> open(
      String path, @Nullable String annotation, Getter<V> getter, Form<V, T> form, T byDefault) {
    return new Leaf<>(path, annotation, getter, form, byDefault, false);
  }

  /** One without which something would be opened: a mistake closes the rules wherever it stands. */
  static <V, T> Leaf<V, T> closing(
      String path, @Nullable String annotation, Getter<V> getter, Form<V, T> form, T byDefault) {
    return new Leaf<>(path, annotation, getter, form, byDefault, true);
  }

  String path() {
    return path;
  }

  @Nullable String annotation() {
    return annotation;
  }

  @Nullable V of(Policy policy) {
    return getter.get(policy);
  }

  Form<V, T> form() {
    return form;
  }

  /** What holds when no layer says anything. */
  T byDefault() {
    return byDefault;
  }

  /** Whether going on without a value that can't be read could open something. */
  boolean closes() {
    return closes;
  }

  @Override
  public String toString() {
    return path;
  }
}
