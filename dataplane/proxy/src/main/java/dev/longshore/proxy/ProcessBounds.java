package dev.longshore.proxy;

/**
 * What all connections together may take of the process.
 *
 * @param memoryBytes that may be held in network buffers outside the heap; beyond it those are cut
 *     that hold most. 0: half of what the JVM lets the process have
 */
public record ProcessBounds(long memoryBytes) {
  /** As much as the process can bear. */
  public static final ProcessBounds DEFAULT = new ProcessBounds(0);

  public ProcessBounds {
    if (memoryBytes < 0) {
      throw new IllegalArgumentException("memoryBytes " + memoryBytes + ": must not be negative");
    }
  }
}
