package dev.longshore.operator.tenure;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.TenureRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An edit of one part of the record, within its bounds: an API server takes no object above 1 MiB,
 * and no namespace may use up everybody's room. Not thread-safe.
 */
final class TenureEdit {
  /** Quotes, colon and comma of an entry. */
  private static final int OVERHEAD = 8;

  private final Map<String, String> data;
  private final Map<String, Integer> bytesOf = new HashMap<>();
  private int bytes;
  private boolean changed;

  TenureEdit(Map<String, String> present) {
    this.data = new HashMap<>(present);
    present.forEach((key, value) -> count(key, value, 1));
  }

  /** What is recorded of a host. */
  @Nullable HostTenure get(String host) {
    return TenureRecord.read(data.get(TenureRecord.key(host)));
  }

  /**
   * Records something else of a host; null: nothing.
   *
   * @return whether there is room
   */
  boolean put(String host, @Nullable HostTenure tenure) {
    String key = TenureRecord.key(host);
    String before = data.get(key);
    String value = tenure == null ? null : TenureRecord.write(tenure);
    if (before == null && value != null && !fits(key, value)) {
      return false;
    }
    if (before != null) {
      count(key, before, -1);
    }
    if (value == null) {
      data.remove(key);
    } else {
      data.put(key, value);
      count(key, value, 1);
    }
    changed |= value == null ? before != null : !value.equals(before);
    return true;
  }

  boolean isEmpty() {
    return !changed;
  }

  Map<String, String> data() {
    return Map.copyOf(data);
  }

  private boolean fits(String key, String value) {
    int more = size(key, value);
    return bytes + more <= HardLimits.HOST_RECORD_BYTES
        && bytesOf.getOrDefault(namespace(value), 0) + more
            <= HardLimits.HOST_RECORD_BYTES_PER_NAMESPACE;
  }

  private void count(String key, String value, int sign) {
    int change = sign * size(key, value);
    bytes += change;
    bytesOf.merge(namespace(value), change, Integer::sum);
  }

  private static int size(String key, String value) {
    return key.length() + value.length() + OVERHEAD;
  }

  private static String namespace(String value) {
    HostTenure tenure = TenureRecord.read(value);
    return tenure == null ? "" : tenure.namespace();
  }
}
