package dev.longshore.operator.translate;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Containment.Level;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.Demand;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.quota.QuotaLedger;
import dev.longshore.operator.translate.quota.QuotaLedger.Standing;
import dev.longshore.operator.translate.upstream.EndpointTracker;
import dev.longshore.operator.translate.verdict.Problem;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets claims in as far as their namespace has room for them, reading as little as that takes: what
 * is far beyond its quota is not read at all.
 */
final class QuotaGate {
  private final ClaimsReader reader;
  private final EndpointTracker endpoints;
  private final Dependents dependents;
  private final Function<ResourceRef, @Nullable Level> levels;
  private final QuotaLedger ledger;

  /** Read for the ledger in this translation, and not yet put where they belong. */
  private final Map<ResourceRef, Claims> fresh = new HashMap<>();

  /** What those refer to that are beyond their quota: a change may make room. */
  private final Map<ResourceRef, Weighed> weighed = new HashMap<>();

  private View view = View.EMPTY;

  /**
   * Nothing is let in yet.
   *
   * @param levels how much of a resource is held back; null: nothing
   */
  QuotaGate(
      QuotaLedger ledger,
      ClaimsReader reader,
      EndpointTracker endpoints,
      Dependents dependents,
      Function<ResourceRef, @Nullable Level> levels) {
    this.ledger = ledger;
    this.reader = reader;
    this.endpoints = endpoints;
    this.dependents = dependents;
    this.levels = levels;
  }

  /** A translation of that view begins. */
  void view(View newer) {
    view = newer;
  }

  /** Decides who is within; those of whom something else is true than before. */
  Set<ResourceRef> settle() {
    return ledger.settle(new Scales());
  }

  /** Everything that was read is where it belongs. */
  void done() {
    fresh.clear();
  }

  /** Says what a resource takes at least, before anything is read. */
  void account(ResourceRef ref) {
    HasMetadata resource = view.get(ref);
    weighed.remove(ref);
    if (resource == null || reader.binding(resource) == null) {
      ledger.put(ref, null, Use.NONE);
    } else if (levels.apply(ref) != null) {
      ledger.put(
          ref, levels.apply(ref) == Level.UNSEEN ? null : reader.claimant(ref, resource), Use.NONE);
    } else {
      ledger.put(ref, reader.claimant(ref, resource), reader.atLeast(resource));
    }
  }

  /** A Service may have more endpoints than before. */
  void countEndpoints(ResourceRef service) {
    for (ResourceRef ref : dependents.of(service)) {
      Weighed known = weighed.get(ref);
      if (known != null) {
        ledger.endpoints(ref, endpoints.atMost(known.sets()) + known.fixed());
      }
    }
  }

  /**
   * What is remembered of a resource that was read.
   *
   * @param references what it looked for
   * @param sets the endpoint sets of its pools, one for each
   * @param fixed endpoints that it lists itself
   */
  private record Weighed(Set<ResourceRef> references, List<EndpointSetKey> sets, long fixed) {
    static Weighed of(Claims claims) {
      List<EndpointSetKey> sets = new ArrayList<>();
      long fixed = 0;
      for (PoolClaim pool : claims.pools().values()) {
        if (pool.fixed() == null) {
          sets.add(pool.pool().endpoints());
        } else {
          fixed += pool.fixed().endpoints().size();
        }
      }
      return new Weighed(claims.references(), List.copyOf(sets), fixed);
    }
  }

  private final class Scales implements QuotaLedger.Reader {
    @Override
    public Use read(ResourceRef ref) {
      Claims read = Objects.requireNonNull(reader.read(ref));
      Weighed known = Weighed.of(read);
      weighed.put(ref, known);
      fresh.put(ref, read);
      return Demand.of(read, endpoints.atMost(known.sets) + known.fixed);
    }

    @Override
    public void drop(ResourceRef ref) {
      fresh.remove(ref);
    }
  }

  /** The claims of a resource, as far as its namespace has room for them. */
  @Nullable Claims admitted(ResourceRef ref) {
    HasMetadata resource = view.get(ref);
    Claims read = fresh.get(ref);
    return switch (ledger.standing(ref)) {
      case Standing.Within() -> read == null ? reader.read(ref) : read;
      case Standing.Beyond(Problem problem, boolean places) -> {
        if (resource == null) {
          yield null;
        }
        if (!places) {
          Weighed known = weighed.get(ref);
          yield Claims.nothing(
              reader.claimant(ref, resource),
              problem,
              known == null ? Set.of() : known.references());
        }
        Claims whole = read == null ? reader.read(ref) : read;
        yield whole == null ? null : whole.beyond(problem);
      }
    };
  }
}
