package dev.longshore.operator.source.cluster;

import org.jspecify.annotations.Nullable;

/**
 * Reads resourceVersions as the numbers that they are: the API documents that those of one resource
 * type may be compared so.
 */
final class Revisions {
  private Revisions() {}

  /** The number; 0 for none, or for what isn't a number. */
  static long parse(@Nullable String resourceVersion) {
    if (resourceVersion == null || resourceVersion.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(resourceVersion);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
