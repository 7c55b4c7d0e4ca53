package dev.longshore.operator.translate.host;

import dev.longshore.operator.translate.field.Hosts;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that only certain namespaces may claim, as the LongshoreConfig lists them.
 *
 * <p>A name {@code *.example.com} of the list is for that wildcard and for every name below it, at
 * any depth; {@code *} is for every name. Of several that fit, the longest counts. A wildcard that
 * is not listed itself may only be claimed by who may claim all listed names that it covers: else
 * it would get their traffic for as long as nobody claims them.
 *
 * @param byName the namespaces of each listed name
 * @param below by wildcard, the namespaces of each listed name that it covers
 */
public record HostReservations(
    Map<String, Set<String>> byName, Map<String, Collection<Set<String>>> below) {
  /** Everybody may claim everything. */
  static final HostReservations NONE = new HostReservations(Map.of(), Map.of());

  /** What stands for all names. */
  public static final String EVERY_NAME = "*";

  /** Reservations by name of host, each with the namespaces that may have it. */
  public static HostReservations of(Map<String, Set<String>> byName) {
    Map<String, Set<String>> copied = new HashMap<>();
    Map<String, Collection<Set<String>>> below = new HashMap<>();
    byName.forEach(
        (name, namespaces) -> {
          copied.put(name, Set.copyOf(namespaces));
          String wildcard = name.equals(EVERY_NAME) ? null : Hosts.coveringWildcard(name);
          if (wildcard != null) {
            below.computeIfAbsent(wildcard, added -> new HashSet<>()).add(Set.copyOf(namespaces));
          }
        });
    below.replaceAll((wildcard, sets) -> Set.copyOf(sets));
    return new HostReservations(Map.copyOf(copied), Map.copyOf(below));
  }

  /** Whether the list lets a namespace claim a host or wildcard. */
  boolean permits(String namespace, String host) {
    Set<String> exact = byName.get(host);
    if (exact != null) {
      return exact.contains(namespace);
    }
    Set<String> nearest = nearest(host);
    return (nearest == null || nearest.contains(namespace))
        && below.getOrDefault(host, List.of()).stream().allMatch(set -> set.contains(namespace));
  }

  /** Namespaces of the longest listed wildcard above a host; null: none is listed. */
  private @Nullable Set<String> nearest(String host) {
    if (byName.isEmpty()) {
      return null;
    }
    String rest = Hosts.isWildcard(host) ? host.substring(2) : host;
    for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
      rest = rest.substring(dot + 1);
      Set<String> found = byName.get("*." + rest);
      if (found != null) {
        return found;
      }
    }
    return byName.get(EVERY_NAME);
  }
}
