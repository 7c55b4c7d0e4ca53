package dev.longshore.operator.translate.policy;

/**
 * What one layer says of a leaf.
 *
 * @param value as it stands there
 * @param path where
 * @param mistakes what becomes of one that isn't right
 */
public record Stated<V>(V value, String path, Mistakes mistakes) {
  /** Whether it is the resource's own, and not of what its class has for all. */
  boolean isOwn() {
    return mistakes != Mistakes.PASS_OVER;
  }
}
