package dev.longshore.contract;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash array mapped trie (Bagwell 2001), 32 ways, with path copying: what {@link PersistentMap}
 * promises.
 *
 * @param root null when empty
 */
record HashTrieMap<K, V>(@Nullable Node<K, V> root, int size) implements PersistentMap<K, V> {
  private static final int BITS = 5;
  private static final int MASK = (1 << BITS) - 1;
  private static final HashTrieMap<?, ?> EMPTY = new HashTrieMap<>(null, 0);

  @SuppressWarnings("unchecked") // Holds nothing, so any type is right.
  static <K, V> HashTrieMap<K, V> emptyMap() {
    return (HashTrieMap<K, V>) EMPTY;
  }

  @Override
  public @Nullable V get(K key) {
    Leaf<K, V> leaf = root == null ? null : find(root, KeyedHash.of(key), key, 0);
    return leaf == null ? null : leaf.value;
  }

  @Override
  public HashTrieMap<K, V> with(K key, V value) {
    int hash = KeyedHash.of(key);
    Leaf<K, V> leaf = new Leaf<>(hash, key, value);
    if (root == null) {
      return new HashTrieMap<>(leaf, 1);
    }
    Leaf<K, V> present = find(root, hash, key, 0);
    if (present != null && present.value.equals(value)) {
      return this;
    }
    return new HashTrieMap<>(insert(root, leaf, 0), present == null ? size + 1 : size);
  }

  @Override
  public HashTrieMap<K, V> without(K key) {
    int hash = KeyedHash.of(key);
    if (root == null || find(root, hash, key, 0) == null) {
      return this;
    }
    return size == 1 ? emptyMap() : new HashTrieMap<>(remove(root, hash, key, 0), size - 1);
  }

  @Override
  public void forEach(BiConsumer<? super K, ? super V> action) {
    if (root != null) {
      visit(root, leaf -> action.accept(leaf.key, leaf.value));
    }
  }

  @Override
  public void diff(PersistentMap<K, V> newer, Change<? super K, ? super V> changes) {
    diff(root, ((HashTrieMap<K, V>) newer).root, 0, changes);
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    List<Map.Entry<K, V>> entries = new ArrayList<>(size);
    forEach((key, value) -> entries.add(Map.entry(key, value)));
    return entries.iterator();
  }

  /** Equal when they hold equal entries, whatever the shape. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof HashTrieMap<?, ?> map) || map.size != size) {
      return false;
    }
    boolean[] same = {true};
    @SuppressWarnings("unchecked") // Keys are only compared by equals.
    HashTrieMap<K, V> typed = (HashTrieMap<K, V>) map;
    diff(typed, (key, older, newer) -> same[0] = false);
    return same[0];
  }

  @Override
  public int hashCode() {
    int[] sum = {0};
    forEach((key, value) -> sum[0] += key.hashCode() ^ value.hashCode());
    return sum[0];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    forEach(
        (key, value) ->
            text.append(text.length() == 1 ? "" : ", ").append(key).append('=').append(value));
    return text.append('}').toString();
  }

  private static <K, V> @Nullable Leaf<K, V> find(Node<K, V> node, int hash, K key, int shift) {
    return switch (node) {
      case Leaf<K, V> leaf -> leaf.hash == hash && leaf.key.equals(key) ? leaf : null;
      case Branch<K, V> branch -> {
        int bit = 1 << (hash >>> shift & MASK);
        yield (branch.bitmap & bit) == 0
            ? null
            : find(branch.children.get(branch.index(bit)), hash, key, shift + BITS);
      }
      case Collision<K, V> collision -> collision.find(hash, key);
    };
  }

  private static <K, V> Node<K, V> insert(Node<K, V> node, Leaf<K, V> leaf, int shift) {
    return switch (node) {
      case Leaf<K, V> present when present.hash == leaf.hash ->
          present.key.equals(leaf.key) ? leaf : new Collision<>(leaf.hash, List.of(present, leaf));
      case Leaf<K, V> present -> join(present, present.hash, leaf, shift);
      case Collision<K, V> collision when collision.hash == leaf.hash -> collision.with(leaf);
      case Collision<K, V> collision -> join(collision, collision.hash, leaf, shift);
      case Branch<K, V> branch -> {
        int bit = 1 << (leaf.hash >>> shift & MASK);
        int index = branch.index(bit);
        yield (branch.bitmap & bit) == 0
            ? branch.added(bit, index, leaf)
            : branch.replaced(index, insert(branch.children.get(index), leaf, shift + BITS));
      }
    };
  }

  private static <K, V> Node<K, V> join(Node<K, V> node, int nodeHash, Leaf<K, V> leaf, int shift) {
    int a = nodeHash >>> shift & MASK;
    int b = leaf.hash >>> shift & MASK;
    if (a == b) {
      return new Branch<>(1 << a, List.of(join(node, nodeHash, leaf, shift + BITS)));
    }
    return new Branch<>(1 << a | 1 << b, a < b ? List.of(node, leaf) : List.of(leaf, node));
  }

  /** The key is known to be there, and never alone at the root. */
  private static <K, V> @Nullable Node<K, V> remove(Node<K, V> node, int hash, K key, int shift) {
    return switch (node) {
      case Leaf<K, V> leaf -> null;
      case Collision<K, V> collision -> collision.without(key);
      case Branch<K, V> branch -> {
        int bit = 1 << (hash >>> shift & MASK);
        int index = branch.index(bit);
        Node<K, V> child = remove(branch.children.get(index), hash, key, shift + BITS);
        if (child == null) {
          yield branch.removed(bit, index);
        }
        // A lone leaf moves up, so that equal maps have equal shapes and removal frees the path.
        yield branch.children.size() == 1 && !(child instanceof Branch<K, V>)
            ? child
            : branch.replaced(index, child);
      }
    };
  }

  private static <K, V> void visit(Node<K, V> node, Consumer<Leaf<K, V>> action) {
    switch (node) {
      case Leaf<K, V> leaf -> action.accept(leaf);
      case Collision<K, V> collision -> collision.leaves.forEach(action);
      case Branch<K, V> branch -> branch.children.forEach(child -> visit(child, action));
    }
  }

  private static <K, V> void diff(
      @Nullable Node<K, V> older,
      @Nullable Node<K, V> newer,
      int shift,
      Change<? super K, ? super V> changes) {
    if (older == newer) {
      return;
    }
    if (older instanceof Branch<K, V> a && newer instanceof Branch<K, V> b) {
      int bits = a.bitmap | b.bitmap;
      while (bits != 0) {
        int bit = Integer.lowestOneBit(bits);
        bits &= ~bit;
        diff(a.child(bit), b.child(bit), shift + BITS, changes);
      }
      return;
    }
    if (older != null) {
      visit(
          older,
          leaf -> {
            Leaf<K, V> now = newer == null ? null : find(newer, leaf.hash, leaf.key, shift);
            if (now == null) {
              changes.changed(leaf.key, leaf.value, null);
            } else if (!now.value.equals(leaf.value)) {
              changes.changed(leaf.key, leaf.value, now.value);
            }
          });
    }
    if (newer != null) {
      visit(
          newer,
          leaf -> {
            if (older == null || find(older, leaf.hash, leaf.key, shift) == null) {
              changes.changed(leaf.key, null, leaf.value);
            }
          });
    }
  }

  /** A part of the trie. */
  sealed interface Node<K, V> {}

  /** One entry. */
  record Leaf<K, V>(int hash, K key, V value) implements Node<K, V> {}

  /** Up to 32 children, one for each value of the five hash bits of this level. */
  record Branch<K, V>(int bitmap, List<Node<K, V>> children) implements Node<K, V> {
    int index(int bit) {
      return Integer.bitCount(bitmap & (bit - 1));
    }

    @Nullable Node<K, V> child(int bit) {
      return (bitmap & bit) == 0 ? null : children.get(index(bit));
    }

    Branch<K, V> added(int bit, int index, Node<K, V> child) {
      List<Node<K, V>> copy = new ArrayList<>(children.size() + 1);
      copy.addAll(children);
      copy.add(index, child);
      return new Branch<>(bitmap | bit, List.copyOf(copy));
    }

    Branch<K, V> replaced(int index, Node<K, V> child) {
      List<Node<K, V>> copy = new ArrayList<>(children);
      copy.set(index, child);
      return new Branch<>(bitmap, List.copyOf(copy));
    }

    /** Null when nothing is left; a lone leaf moves up, so that equal maps have equal shapes. */
    @Nullable Node<K, V> removed(int bit, int index) {
      if (children.size() == 1) {
        return null;
      }
      if (children.size() == 2 && !(children.get(1 - index) instanceof Branch<K, V>)) {
        return children.get(1 - index);
      }
      List<Node<K, V>> copy = new ArrayList<>(children);
      copy.remove(index);
      return new Branch<>(bitmap & ~bit, List.copyOf(copy));
    }
  }

  /** Entries whose 32 hash bits are all the same. */
  record Collision<K, V>(int hash, List<Leaf<K, V>> leaves) implements Node<K, V> {
    @Nullable Leaf<K, V> find(int wanted, K key) {
      if (wanted == hash) {
        for (Leaf<K, V> leaf : leaves) {
          if (leaf.key.equals(key)) {
            return leaf;
          }
        }
      }
      return null;
    }

    Collision<K, V> with(Leaf<K, V> added) {
      List<Leaf<K, V>> copy = new ArrayList<>(leaves);
      copy.removeIf(leaf -> leaf.key.equals(added.key));
      copy.add(added);
      return new Collision<>(hash, List.copyOf(copy));
    }

    Node<K, V> without(K key) {
      List<Leaf<K, V>> rest = leaves.stream().filter(leaf -> !leaf.key.equals(key)).toList();
      return rest.size() == 1 ? rest.getFirst() : new Collision<>(hash, rest);
    }
  }
}
