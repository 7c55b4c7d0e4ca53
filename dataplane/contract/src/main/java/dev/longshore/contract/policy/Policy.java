package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import dev.longshore.contract.PoolKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything a location enforces, merged and with defaults applied: nothing is left to be guessed
 * by the data plane. Interned in a snapshot under the hash of its content.
 *
 * <p>It is a set of parts, at most one of each class. A part that says what holds without it is not
 * kept, so what means the same is equal and has one form in JSON.
 */
public final class Policy {
  /** What a location without any policy gets, on a host without TLS. */
  public static final Policy DEFAULT = new Policy(Map.of());

  private final Map<Class<?>, PolicyPart> parts;

  private Policy(Map<Class<?>, PolicyPart> parts) {
    this.parts = parts;
  }

  /**
   * The policy of these parts; of each class that isn't among them the default holds.
   *
   * @throws IllegalStateException if there are two of a class
   */
  public static Policy of(List<? extends PolicyPart> parts) {
    return new Policy(
        parts.stream()
            .filter(part -> !part.isDefault())
            .collect(Collectors.toUnmodifiableMap(Object::getClass, part -> part)));
  }

  /** The part, or what holds without one. */
  public <P extends PolicyPart> P get(Class<P> type) {
    PolicyPart part = parts.get(type);
    return part == null ? PartType.of(type).standard() : type.cast(part);
  }

  /** Whether the part is there, and so says something else than the default. */
  public boolean has(Class<? extends PolicyPart> type) {
    return parts.containsKey(type);
  }

  /** The same, but for this part. */
  public Policy with(PolicyPart part) {
    if (get(part.getClass()).equals(part)) {
      return this;
    }
    List<PolicyPart> all = new ArrayList<>(without(part.getClass()).parts());
    all.add(part);
    return of(all);
  }

  /** The same with the default in place of this part. */
  public Policy without(Class<? extends PolicyPart> type) {
    return has(type) ? of(parts().stream().filter(part -> part.getClass() != type).toList()) : this;
  }

  /** Those that say something else than the default, in the order of the canonical form. */
  public List<PolicyPart> parts() {
    List<PolicyPart> ordered = new ArrayList<>(parts.size());
    for (PartType<?> type : PartType.all()) {
      PolicyPart part = parts.get(type.type());
      if (part != null) {
        ordered.add(part);
      }
    }
    return ordered;
  }

  /** The pool that is asked whether requests may pass; null: none is. */
  public @Nullable PoolKey asks() {
    return has(ExternalAuth.class) ? get(ExternalAuth.class).service() : null;
  }

  /** Reports what is wrong with any part. */
  public void check(Field at) {
    for (PolicyPart part : parts()) {
      part.check(at.at(PartType.of(part).name()));
    }
  }

  /** What a data plane has to know to enforce it, by the names of its hello. */
  public SortedSet<String> features() {
    SortedSet<String> needed = new TreeSet<>();
    parts.values().forEach(part -> needed.addAll(part.features()));
    return needed;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Policy that && parts.equals(that.parts);
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  /** By its parts that aren't the default; without the values of headers. */
  @Override
  public String toString() {
    return "Policy" + parts();
  }
}
