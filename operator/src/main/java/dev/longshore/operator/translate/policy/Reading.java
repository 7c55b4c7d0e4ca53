package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One reading of layers.
 *
 * @param secrets of the resource that they are for; null: of none, and so none is found
 * @param services of the resource that they are for; null: of none, and so none is asked
 * @param problems hears of what is wrong; with a fault, what is read must not be used
 */
record Reading(
    Layers layers,
    @Nullable SecretLookup secrets,
    @Nullable AuthServices services,
    Problems problems) {
  /**
   * What the highest layer says whose value is right, or the default. A mistake closes the rules,
   * or is told and passed over, as the leaf and the layer have it.
   */
  <V, T> T get(Leaf<V, T> leaf) {
    for (Stated<V> stated : layers.find(leaf)) {
      try {
        return leaf.form().read(stated.value(), stated.path(), problems);
      } catch (UnsupportedValueException e) {
        problems.fault(Reason.UNSUPPORTED_VALUE, stated.path(), message(e));
        return leaf.byDefault();
      } catch (IllegalArgumentException e) {
        switch (leaf.closes() ? Mistakes.REFUSE : stated.mistakes()) {
          case REFUSE -> {
            problems.fault(Reason.INVALID, stated.path(), message(e));
            return leaf.byDefault();
          }
          case WARN -> problems.warn(Reason.INVALID_ANNOTATION, stated.path(), message(e));
          case PASS_OVER -> {}
        }
      }
    }
    return leaf.byDefault();
  }

  /** What the highest layer says, unread; null: none says anything. */
  <V> @Nullable Stated<V> highest(Leaf<V, ?> leaf) {
    List<Stated<V>> found = layers.find(leaf);
    return found.isEmpty() ? null : found.getFirst();
  }

  private static String message(IllegalArgumentException e) {
    return String.valueOf(e.getMessage());
  }
}
