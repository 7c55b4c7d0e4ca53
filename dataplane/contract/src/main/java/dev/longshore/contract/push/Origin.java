package dev.longshore.contract.push;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an operator replica had seen of the API server when it built a snapshot. Versions are hashes
 * and have no order; this is what tells an older snapshot from a newer one.
 *
 * <p>Within an epoch, one origin is newer than another if it has seen more of some kind and less of
 * none. resourceVersions of one kind are compared as integers (KEP-5504), and a kind of which
 * nothing was seen counts as less than any. Two replicas that each saw something first are
 * incomparable: neither is newer. A higher epoch is newer whatever the resourceVersions say, for
 * they go back when etcd is restored.
 *
 * @param epoch 0 or more; raised when the resourceVersions went back
 * @param resourceVersions by kind, the newest of each: 1 to 64 decimal digits without leading
 *     zeros; at most 64 kinds
 */
public record Origin(long epoch, SortedMap<String, String> resourceVersions) {
  private static final int MAX_KINDS = 64;
  private static final int MAX_KIND = 63;
  private static final Pattern INTEGER = Pattern.compile("0|[1-9][0-9]{0,63}");

  /** How one origin lies to another. */
  public enum Order {
    /** It has seen less. */
    OLDER,
    /** It has seen the same. */
    SAME,
    /** It has seen more. */
    NEWER,
    /** Each has seen something that the other has not. */
    INCOMPARABLE
  }

  /**
   * Checks the forms.
   *
   * @throws IllegalArgumentException if one is not as said above
   */
  public Origin {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must be 0 or more");
    }
    if (resourceVersions.size() > MAX_KINDS) {
      throw new IllegalArgumentException("resourceVersions must be of at most " + MAX_KINDS);
    }
    resourceVersions.forEach(
        (kind, version) -> {
          Bounds.name("a kind of resourceVersions", kind, MAX_KIND);
          if (!INTEGER.matcher(version).matches()) {
            throw new IllegalArgumentException(
                "a resourceVersion must be 1 to 64 decimal digits without leading zeros");
          }
        });
    resourceVersions = Collections.unmodifiableSortedMap(new TreeMap<>(resourceVersions));
  }

  /** With resourceVersions in any order. */
  public static Origin of(long epoch, Map<String, String> resourceVersions) {
    return new Origin(epoch, new TreeMap<>(resourceVersions));
  }

  /** How this one lies to another: {@code NEWER} if this has seen more. */
  public Order comparedTo(Origin other) {
    if (epoch != other.epoch) {
      return epoch < other.epoch ? Order.OLDER : Order.NEWER;
    }
    boolean more = false;
    boolean less = false;
    SortedSet<String> kinds = new TreeSet<>(resourceVersions.keySet());
    kinds.addAll(other.resourceVersions.keySet());
    for (String kind : kinds) {
      int order = compare(resourceVersions.get(kind), other.resourceVersions.get(kind));
      more |= order > 0;
      less |= order < 0;
    }
    if (more && less) {
      return Order.INCOMPARABLE;
    }
    return more ? Order.NEWER : less ? Order.OLDER : Order.SAME;
  }

  /** As integers; without leading zeros the longer one is the larger one. */
  private static int compare(@Nullable String one, @Nullable String other) {
    if (one == null || other == null) {
      return Boolean.compare(one != null, other != null);
    }
    return one.length() != other.length()
        ? Integer.compare(one.length(), other.length())
        : one.compareTo(other);
  }
}
