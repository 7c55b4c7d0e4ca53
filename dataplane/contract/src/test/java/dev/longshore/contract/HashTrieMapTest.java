package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashTrieMapTest {

  /** With 1 hash all keys collide; with 3 the trie is deep and has collisions beside leaves. */
  @ParameterizedTest
  @CsvSource({"1, 40", "3, 60", "50, 200", "1000000, 400", "1000000, 5"})
  void doesWhatAHashMapDoes(int hashes, int keys) {
    Random random = new Random(hashes);
    Map<Key, Integer> expected = new HashMap<>();
    PersistentMap<Key, Integer> map = PersistentMap.empty();
    for (int i = 0; i < 4_000; i++) {
      Key key = new Key(random.nextInt(keys), hashes);
      PersistentMap<Key, Integer> before = map;
      Map<Key, Integer> expectedBefore = new HashMap<>(expected);
      if (random.nextInt(3) == 0) {
        map = map.without(key);
        expected.remove(key);
      } else {
        int value = random.nextInt(4);
        map = map.with(key, value);
        expected.put(key, value);
      }
      assertThat(map.size()).isEqualTo(expected.size());
      assertThat(map.get(key)).isEqualTo(expected.get(key));
      if (i % 50 == 0) {
        assertThat(content(map)).isEqualTo(expected);
        assertThat(content(before)).isEqualTo(expectedBefore);
        assertThat(map).isEqualTo(of(expected)).hasSameHashCodeAs(of(expected));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 20", "3, 30", "50, 200", "1000000, 400"})
  void reportsExactlyTheDifferences(int hashes, int keys) {
    Random random = new Random(hashes);
    PersistentMap<Key, Integer> older = PersistentMap.empty();
    for (int round = 0; round < 300; round++) {
      PersistentMap<Key, Integer> newer = older;
      for (int i = random.nextInt(12); i > 0; i--) {
        Key key = new Key(random.nextInt(keys), hashes);
        newer =
            random.nextInt(3) == 0 ? newer.without(key) : newer.with(key, random.nextInt(1 << 20));
      }
      PersistentMap<Key, Integer> patched = older;
      Map<Key, Boolean> seen = new HashMap<>();
      for (Change change : changes(older, newer)) {
        assertThat(seen.put(change.key, true)).as("reported once").isNull();
        assertThat(change.older).isEqualTo(older.get(change.key));
        assertThat(change.newer).isEqualTo(newer.get(change.key));
        assertThat(change.older).isNotEqualTo(change.newer);
        patched =
            change.newer == null
                ? patched.without(change.key)
                : patched.with(change.key, change.newer);
      }
      assertThat(content(patched)).isEqualTo(content(newer));
      // Also between maps that share nothing.
      assertThat(changes(of(content(older)), newer)).hasSameSizeAs(changes(older, newer));
      older = newer;
    }
  }

  @Test
  void whatIsThereAlreadyChangesNothing() {
    PersistentMap<Key, Integer> map = PersistentMap.<Key, Integer>empty().with(new Key(1, 9), 2000);
    assertThat(map.with(new Key(1, 9), Integer.parseInt("2000"))).isSameAs(map);
    assertThat(map.without(new Key(2, 9))).isSameAs(map);
    assertThat(map.without(new Key(1, 9))).isSameAs(PersistentMap.empty());
  }

  @Test
  void aDiffLooksOnlyAtWhatChanged() {
    PersistentMap<Key, Integer> older = PersistentMap.empty();
    for (int i = 0; i < 100_000; i++) {
      older = older.with(new Key(i, Integer.MAX_VALUE), i);
    }
    PersistentMap<Key, Integer> newer =
        older
            .with(new Key(5, Integer.MAX_VALUE), -1)
            .without(new Key(77_777, Integer.MAX_VALUE))
            .with(new Key(200_000, Integer.MAX_VALUE), 1);
    Key.comparisons = 0;
    assertThat(changes(older, newer)).hasSize(3);
    assertThat(Key.comparisons).isLessThan(50);
  }

  private static PersistentMap<Key, Integer> of(Map<Key, Integer> content) {
    PersistentMap<Key, Integer> map = PersistentMap.empty();
    for (Map.Entry<Key, Integer> entry : content.entrySet()) {
      map = map.with(entry.getKey(), entry.getValue());
    }
    return map;
  }

  private static Map<Key, Integer> content(PersistentMap<Key, Integer> map) {
    Map<Key, Integer> content = new HashMap<>();
    map.forEach(content::put);
    Map<Key, Integer> iterated = new HashMap<>();
    map.forEach(entry -> iterated.put(entry.getKey(), entry.getValue()));
    assertThat(iterated).isEqualTo(content);
    return content;
  }

  private static List<Change> changes(
      PersistentMap<Key, Integer> older, PersistentMap<Key, Integer> newer) {
    List<Change> changes = new ArrayList<>();
    older.diff(newer, (key, before, after) -> changes.add(new Change(key, before, after)));
    return changes;
  }

  private record Change(Key key, @Nullable Integer older, @Nullable Integer newer) {}

  /** A key with as few different hash codes as wanted, which counts how often it is compared. */
  private static final class Key {
    static int comparisons;
    private final int id;
    private final int hashes;

    Key(int id, int hashes) {
      this.id = id;
      this.hashes = hashes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      comparisons++;
      return other instanceof Key key && key.id == id;
    }

    @Override
    public int hashCode() {
      // Far apart in the low bits, or in the high ones only.
      return Objects.hash(id % hashes) << (hashes == 3 ? 20 : 0);
    }
  }
}
