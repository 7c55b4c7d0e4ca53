package dev.longshore.operator.translate.policy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policies that lie over each other at a location, merged leaf by leaf: for each leaf the
 * highest layer that has one counts, with the field path it stands at.
 */
public final class Layers {
  /** Nobody says anything. */
  public static final Layers NONE = new Layers(List.of());

  /** The highest first. */
  private final List<Source> sources;

  private Layers(List<Source> sources) {
    this.sources = List.copyOf(sources);
  }

  /** These layers with another one over them; these alone when it is null. */
  public Layers under(@Nullable Source source) {
    if (source == null) {
      return this;
    }
    List<Source> all = new ArrayList<>(sources.size() + 1);
    all.add(source);
    all.addAll(sources);
    return new Layers(all);
  }

  /** What every layer says that says something of the leaf, the highest first. */
  <V> List<Stated<V>> find(Leaf<V, ?> leaf) {
    List<Stated<V>> found = new ArrayList<>(1);
    for (Source source : sources) {
      Stated<V> stated = source.find(leaf);
      if (stated != null) {
        found.add(stated);
      }
    }
    return found;
  }
}
