package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Problems;

/**
 * How a field is written, and what that means.
 *
 * @param <V> how it stands in a resource
 * @param <T> what it means
 */
interface Form<V, T> {
  /**
   * What an annotation's text would be in a resource.
   *
   * @throws IllegalArgumentException if it can't stand there; says what would be right
   */
  V ofText(String text);

  /**
   * What the value means.
   *
   * @param path where it stands
   * @param problems hears of items that aren't right; each is a fault
   * @throws IllegalArgumentException if it isn't right as a whole; says what would be
   */
  T read(V value, String path, Problems problems);

  /** What an annotation takes, for documentation. */
  String accepts();
}
