package dev.longshore.contract;

import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map whose successors share structure with it, so that an update, and the
 * difference between two neighbours, cost time proportional to the change and not to the size.
 *
 * @param <K> keys with a stable {@code hashCode}
 * @param <V> values
 */
public interface PersistentMap<K, V> extends Iterable<Map.Entry<K, V>> {

  /** The map without entries. */
  static <K, V> PersistentMap<K, V> empty() {
    return HashTrieMap.emptyMap();
  }

  /** The value, or null. */
  @Nullable V get(K key);

  /** Number of entries. */
  int size();

  /** A map that also holds the entry; this one when it does already (by equals). */
  PersistentMap<K, V> with(K key, V value);

  /** A map without the key; this one when it has none. */
  PersistentMap<K, V> without(K key);

  /** Every entry, in no particular order. */
  void forEach(BiConsumer<? super K, ? super V> action);

  /**
   * Reports every key whose value differs between this (older) map and a newer one. Sub-tries that
   * both share are skipped.
   *
   * @param newer the other map
   * @param changes called with the key, the old value (null: added) and the new value (null:
   *     removed)
   */
  void diff(PersistentMap<K, V> newer, Change<? super K, ? super V> changes);

  /** Hears of one difference. */
  @FunctionalInterface
  interface Change<K, V> {
    /** One key whose values differ; at most one of them is null. */
    void changed(K key, @Nullable V older, @Nullable V newer);
  }
}
