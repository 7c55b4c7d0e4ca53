package dev.longshore.operator.translate.verdict;

import dev.longshore.operator.source.ResourceRef;
import org.jspecify.annotations.Nullable;

/** Hears of faults of ours that manifests bring to light; on the translator's thread. */
@FunctionalInterface
public interface Faults {
  /**
   * Something failed that should not whatever manifests say.
   *
   * @param at the resource that was worked on, and that is closed alone if it fails again; null: no
   *     one resource
   */
  void failed(@Nullable ResourceRef at, Throwable cause);
}
