package dev.longshore.operator.translate.host;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.field.Hosts;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whom a host belongs to. Not thread-safe.
 *
 * <p>It is the namespace that it was recorded for ({@link HostTenure}). One that nobody was
 * recorded for belongs to who was recorded for the wildcard above it, for exact hosts are matched
 * first, and another namespace could take a single name out of a wildcard by claiming that exactly.
 * The other way round nothing is taken: a wildcard over names of others is fine, and doesn't get
 * them.
 *
 * <p>As long as neither is recorded, the oldest object that claims one of them decides, on every
 * replica alike. That lasts from the claim until the leader has written it down.
 */
final class HostOwnership {
  private final Function<String, @Nullable Host> hosts;
  private PersistentMap<String, HostTenure> tenures = PersistentMap.empty();
  private PersistentMap<String, ResourceRef> holders = PersistentMap.empty();

  /**
   * @param hosts what is claimed of a host; null: nothing
   */
  HostOwnership(Function<String, @Nullable Host> hosts) {
    this.hosts = hosts;
  }

  /**
   * Takes what was recorded.
   *
   * @param changed hears of the hosts and wildcards that may belong to others now
   */
  void tenures(PersistentMap<String, HostTenure> newer, Consumer<String> changed) {
    PersistentMap<String, HostTenure> older = tenures;
    tenures = newer;
    older.diff(newer, (host, before, now) -> changed.accept(host));
  }

  /** The owner; null: nobody may claim it, or it is the catch-all host. */
  @Nullable HostOwner of(String name, Admission admission) {
    if (name.equals(RuleKey.ANY_HOST)) {
      return null;
    }
    HostReservations reserved = admission.reserved();
    Host host = hosts.apply(name);
    HostTenure own = tenures.get(name);
    if (own != null && reserved.permits(own.namespace(), name)) {
      return owner(own, host, null);
    }
    Claimant first = host == null ? null : host.stakes().first(reserved, name);
    String wildcard = Hosts.coveringWildcard(name);
    if (wildcard != null) {
      Host parent = hosts.apply(wildcard);
      HostTenure above = tenures.get(wildcard);
      if (above != null
          && reserved.permits(above.namespace(), wildcard)
          && reserved.permits(above.namespace(), name)) {
        return owner(above, host, parent);
      }
      Claimant over = parent == null ? null : parent.stakes().first(reserved, wildcard);
      if (over != null
          && reserved.permits(over.namespace(), name)
          && (first == null || Claimant.OWNERSHIP.compare(over, first) < 0)) {
        first = over;
      }
    }
    return first == null ? null : new HostOwner(first.namespace(), first, null);
  }

  /** Notes whose claim makes the host its owner's; it is this that is to be recorded. */
  void settled(String name, @Nullable HostOwner owner) {
    Host host = hosts.apply(name);
    Claimant holder = owner == null || host == null ? null : host.stakes().first(owner.namespace());
    holders = holder == null ? holders.without(name) : holders.with(name, holder.ref());
  }

  /** By host, the first claim of the namespace that it belongs to. */
  PersistentMap<String, ResourceRef> holders() {
    return holders;
  }

  private static HostOwner owner(HostTenure tenure, @Nullable Host host, @Nullable Host parent) {
    Claimant by = host == null ? null : host.stakes().first(tenure.namespace());
    if (by == null && parent != null) {
      by = parent.stakes().first(tenure.namespace());
    }
    return new HostOwner(tenure.namespace(), by, by == null ? tenure.until() : null);
  }
}
