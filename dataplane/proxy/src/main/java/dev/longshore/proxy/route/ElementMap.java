package dev.longshore.proxy.route;

import dev.longshore.contract.KeyedHash;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from path elements, asked with a region of a path so that nothing is copied on a
 * match. A hash array mapped trie (Bagwell 2001): a successor costs time logarithmic in the size.
 * The hash is {@linkplain KeyedHash keyed}, as tenants choose the elements.
 *
 * @param <V> values
 */
final class ElementMap<V> {
  private static final int BITS = 5;
  private static final int MASK = (1 << BITS) - 1;
  private static final int HASH_BITS = 32;
  private static final ElementMap<?> EMPTY = new ElementMap<>(null);

  /** Null when empty. */
  private final @Nullable Node<V> root;

  /** A part of the trie. */
  private sealed interface Node<V> {}

  /**
   * One entry.
   *
   * @param next another one of the same hash
   */
  private record Leaf<V>(int hash, String element, V value, @Nullable Leaf<V> next)
      implements Node<V> {
    Leaf<V> before(@Nullable Leaf<V> other) {
      return new Leaf<>(hash, element, value, other);
    }
  }

  /** Up to 32 children, one for each value of the five hash bits of this level. */
  private static final class Branch<V> implements Node<V> {
    final int bitmap;
    final Node<V>[] children;

    Branch(int bitmap, Node<V>[] children) {
      this.bitmap = bitmap;
      this.children = children;
    }

    int index(int bit) {
      return Integer.bitCount(bitmap & (bit - 1));
    }
  }

  private ElementMap(@Nullable Node<V> root) {
    this.root = root;
  }

  @SuppressWarnings("unchecked") // Holds nothing, so any type is right.
  static <V> ElementMap<V> empty() {
    return (ElementMap<V>) EMPTY;
  }

  boolean isEmpty() {
    return root == null;
  }

  /** The value of the element {@code path[from, to)}, or null. */
  @Nullable V get(String path, int from, int to) {
    Node<V> node = root;
    if (node == null) {
      return null;
    }
    int hash = KeyedHash.of(path, from, to);
    int shift = 0;
    while (node instanceof Branch<V> branch) {
      int bit = bit(hash, shift);
      if ((branch.bitmap & bit) == 0) {
        return null;
      }
      node = branch.children[branch.index(bit)];
      shift += BITS;
    }
    for (Leaf<V> leaf = (Leaf<V>) node; leaf != null; leaf = leaf.next) {
      if (leaf.hash == hash
          && leaf.element.length() == to - from
          && path.startsWith(leaf.element, from)) {
        return leaf.value;
      }
    }
    return null;
  }

  /** A map that also holds the entry. */
  ElementMap<V> with(String element, V value) {
    int hash = KeyedHash.of(element);
    return new ElementMap<>(put(root, new Leaf<>(hash, element, value, null), 0));
  }

  /** A map without the element. */
  ElementMap<V> without(String element) {
    int hash = KeyedHash.of(element);
    return root == null ? this : new ElementMap<>(remove(root, hash, element, 0));
  }

  /** Every value, in no particular order. */
  void forEach(Consumer<? super V> action) {
    if (root != null) {
      visit(root, action);
    }
  }

  private static int bit(int hash, int shift) {
    return 1 << (hash >>> shift & MASK);
  }

  private static <V> Node<V> put(@Nullable Node<V> node, Leaf<V> leaf, int shift) {
    return switch (node) {
      case null -> leaf;
      case Leaf<V> present when present.hash == leaf.hash ->
          leaf.before(dropped(present, leaf.element));
      case Leaf<V> present -> put(branch(present, shift), leaf, shift);
      case Branch<V> branch -> {
        int bit = bit(leaf.hash, shift);
        int index = branch.index(bit);
        if ((branch.bitmap & bit) != 0) {
          Node<V>[] children = branch.children.clone();
          children[index] = put(children[index], leaf, shift + BITS);
          yield new Branch<>(branch.bitmap, children);
        }
        Node<V>[] children = Arrays.copyOf(branch.children, branch.children.length + 1);
        System.arraycopy(
            branch.children, index, children, index + 1, branch.children.length - index);
        children[index] = leaf;
        yield new Branch<>(branch.bitmap | bit, children);
      }
    };
  }

  @SuppressWarnings("unchecked") // An array of a generic type can only be made raw.
  private static <V> Branch<V> branch(Leaf<V> only, int shift) {
    assert shift < HASH_BITS;
    return new Branch<>(bit(only.hash, shift), (Node<V>[]) new Node<?>[] {only});
  }

  /** Null when nothing is left; a lone leaf moves up, so that equal maps have equal shapes. */
  private static <V> @Nullable Node<V> remove(Node<V> node, int hash, String element, int shift) {
    return switch (node) {
      case Leaf<V> leaf -> leaf.hash == hash ? dropped(leaf, element) : leaf;
      case Branch<V> branch -> {
        int bit = bit(hash, shift);
        if ((branch.bitmap & bit) == 0) {
          yield branch;
        }
        int index = branch.index(bit);
        int length = branch.children.length;
        Node<V> child = remove(branch.children[index], hash, element, shift + BITS);
        if (child == null && length == 1) {
          yield null;
        }
        if (child == null && length == 2 && branch.children[1 - index] instanceof Leaf<V> other) {
          yield other;
        }
        if (child instanceof Leaf<V> && length == 1) {
          yield child;
        }
        if (child != null) {
          Node<V>[] children = branch.children.clone();
          children[index] = child;
          yield new Branch<>(branch.bitmap, children);
        }
        Node<V>[] children = Arrays.copyOf(branch.children, length - 1);
        System.arraycopy(branch.children, index + 1, children, index, length - 1 - index);
        yield new Branch<>(branch.bitmap & ~bit, children);
      }
    };
  }

  /** The leaves of one hash without the one of the element, in whatever order. */
  private static <V> @Nullable Leaf<V> dropped(Leaf<V> leaves, String element) {
    Leaf<V> kept = null;
    for (Leaf<V> leaf = leaves; leaf != null; leaf = leaf.next) {
      if (!leaf.element.equals(element)) {
        kept = leaf.before(kept);
      }
    }
    return kept;
  }

  private static <V> void visit(Node<V> node, Consumer<? super V> action) {
    switch (node) {
      case Leaf<V> first -> {
        for (Leaf<V> leaf = first; leaf != null; leaf = leaf.next) {
          action.accept(leaf.value);
        }
      }
      case Branch<V> branch -> {
        for (Node<V> child : branch.children) {
          visit(child, action);
        }
      }
    }
  }
}
