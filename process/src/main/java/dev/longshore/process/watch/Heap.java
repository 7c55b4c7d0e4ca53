package dev.longshore.process.watch;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The heap, as the last collection left it. Where nearly nothing was left free, an OutOfMemoryError
 * comes to whoever asks next, and many who catch one say nothing of it.
 */
final class Heap {
  private static final int FULL_PERCENT = 98;

  /** Those of long-lived objects: what has no threshold is emptied by every collection. */
  private final List<MemoryPoolMXBean> pools =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .filter(pool -> pool.isCollectionUsageThresholdSupported())
          .filter(pool -> pool.isUsageThresholdSupported())
          .toList();

  @Nullable String full() {
    for (MemoryPoolMXBean pool : pools) {
      MemoryUsage left = pool.getCollectionUsage();
      if (left != null
          && left.getMax() > 0
          && left.getUsed() / FULL_PERCENT >= left.getMax() / 100) {
        return "out of memory: the heap stays full after collections (" + pool.getName() + ")";
      }
    }
    return null;
  }
}
