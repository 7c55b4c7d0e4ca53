package dev.longshore.proxy.net;

import java.util.Collection;
import java.util.Set;

/** Names of hosts: some, exact or by a wildcard for one label, or every one. Immutable. */
public final class HostSet {
  /** Every name. */
  public static final HostSet ALL = new HostSet(Set.of());

  private final Set<String> names;

  private HostSet(Set<String> names) {
    this.names = names;
  }

  /**
   * The names of a listener.
   *
   * @param names lower case, exact or {@code *.domain}; none: every name
   */
  public static HostSet of(Collection<String> names) {
    return names.isEmpty() ? ALL : new HostSet(Set.copyOf(names));
  }

  /**
   * Whether it is one of them.
   *
   * @param host lower case, without port and trailing dot; IPv6 in brackets
   */
  public boolean has(String host) {
    if (names.isEmpty() || names.contains(host)) {
      return true;
    }
    String wildcard = Wildcard.of(host);
    return wildcard != null && names.contains(wildcard);
  }
}
