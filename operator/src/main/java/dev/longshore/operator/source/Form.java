package dev.longshore.operator.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is done with resources of one kind as Java objects.
 *
 * @param type of the resources
 * @param trimming the copy with what anybody reads
 * @param stubbing what is known of one for which there is no room; null: nothing
 * @param sameness whether two say the same, but for their metadata
 */
record Form<T extends HasMetadata>(
    Class<T> type,
    Trimming<T> trimming,
    @Nullable UnaryOperator<T> stubbing,
    BiPredicate<T, T> sameness) {

  /** Copies what is read. */
  @FunctionalInterface
  interface Trimming<T> {
    /** The copy, with those of the annotations that the predicate names by their keys. */
    T trim(T full, Predicate<String> annotations);
  }

  T trim(HasMetadata resource, Predicate<String> annotations) {
    return trimming.trim(type.cast(resource), annotations);
  }

  @Nullable T stub(HasMetadata resource) {
    return stubbing == null ? null : stubbing.apply(type.cast(resource));
  }

  boolean same(HasMetadata a, HasMetadata b) {
    return type.isInstance(a) && type.isInstance(b) && sameness.test(type.cast(a), type.cast(b));
  }
}
