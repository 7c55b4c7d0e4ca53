package dev.longshore.operator.translate.policy;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is said of single leaves, each by something of its own: an annotation, say. */
public final class Statements implements Source {
  private final Map<Leaf<?, ?>, Stated<?>> stated = new HashMap<>();
  private final Mistakes mistakes;

  /** Nothing so far. */
  public Statements(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  /**
   * Adds one.
   *
   * @param value null: nothing is said
   * @param path where it stands
   */
  public <V> Statements state(Leaf<V, ?> leaf, @Nullable V value, String path) {
    if (value != null) {
      stated.put(leaf, new Stated<>(value, path, mistakes));
    }
    return this;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <V> @Nullable Stated<V> find(Leaf<V, ?> leaf) {
    return (Stated<V>) stated.get(leaf);
  }
}
