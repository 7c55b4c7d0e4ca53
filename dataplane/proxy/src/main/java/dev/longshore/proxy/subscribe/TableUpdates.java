package dev.longshore.proxy.subscribe;

import dev.longshore.contract.DeltaRejectedException;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.SnapshotMessage;
import dev.longshore.contract.push.Stale;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.proxy.table.ApplyResult;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes operators' messages the table that is served, or says why not. Everything is called on one
 * thread, which is no event loop, except what tells of the state.
 */
final class TableUpdates {
  private static final Logger LOG = LoggerFactory.getLogger(TableUpdates.class);

  private final Function<RoutingSnapshot, ApplyResult> table;
  private final OriginGate gate;
  private final FleetSize fleet;
  private final Clock clock;
  private final Consumer<KeptTable> keeper;
  private final Consumer<Throwable> faults;
  private @Nullable RoutingSnapshot snapshot;
  private @Nullable Origin origin;
  private Instant appliedAt = Instant.EPOCH;
  private volatile @Nullable Versions applied;
  private volatile @Nullable Instant keptAt;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong staleTaken = new AtomicLong();

  /**
   * Begins with nothing.
   *
   * @param table applies a snapshot, or rejects it whole
   * @param fleet is told how many data planes there are
   * @param keeper gets every table that was applied, and the same again when the number of data
   *     planes is another
   * @param faults hears what failed for a fault of ours, after which what was served goes on
   */
  TableUpdates(
      Function<RoutingSnapshot, ApplyResult> table,
      OriginGate gate,
      FleetSize fleet,
      Clock clock,
      Consumer<KeptTable> keeper,
      Consumer<Throwable> faults) {
    this.table = table;
    this.gate = gate;
    this.fleet = fleet;
    this.clock = clock;
    this.keeper = keeper;
    this.faults = faults;
  }

  /** How many entries are served, endpoints not counted; on the applying thread. */
  int size() {
    RoutingSnapshot serving = snapshot;
    return serving == null
        ? 0
        : serving.rules().size()
            + serving.pools().size()
            + serving.endpointSets().size()
            + serving.certificates().size();
  }

  /** What is served now; null: nothing. Any thread. */
  @Nullable Versions applied() {
    return applied;
  }

  /**
   * When the table was applied that an earlier process kept, until an operator spoke. Any thread.
   */
  @Nullable Instant keptAt() {
    return keptAt;
  }

  /** Messages that were refused for good. Any thread. */
  long refused() {
    return refused.get();
  }

  /** Older tables that were taken. Any thread. */
  long staleTaken() {
    return staleTaken.get();
  }

  /** Another replica is asked from now on. */
  void replicaChanged() {
    gate.replicaChanged();
  }

  /**
   * Starts with what an earlier process kept.
   *
   * @return why it is not applied; empty: it is
   */
  String restore(KeptTable kept) {
    ApplyResult result;
    try {
      result = table.apply(kept.snapshot());
    } catch (RuntimeException | Error e) {
      faults.accept(e);
      return "can't be applied: " + e;
    }
    if (result instanceof ApplyResult.Rejected(var errors)) {
      return "is not valid: " + errors;
    }
    serve(kept.snapshot(), kept.origin(), kept.appliedAt());
    fleet.set(kept.dataPlanes());
    keptAt = kept.appliedAt();
    return "";
  }

  /**
   * Deals with a message.
   *
   * @param json is read to its end
   * @param active whether it comes from the replica that configuration is taken from
   */
  Answer take(InputStream json, boolean active) {
    FromOperator message;
    try {
      message = PushCodec.readFromOperator(json);
    } catch (SnapshotFormatException e) {
      if (!active) {
        return new Answer.Silence();
      }
      refused.incrementAndGet();
      LOG.error("a message of the operator can't be read: {}", e.getMessage());
      return new Answer.Reply(Unreadable.of(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      throw new IllegalStateException("nothing but memory is read", e);
    }
    if (!active && !(message instanceof Goodbye)) {
      // What it would send, or did before it heard that it is not the active one any more.
      return new Answer.Silence();
    }
    return switch (message) {
      case SnapshotMessage(Origin from, RoutingSnapshot next) -> take(from, next);
      case DeltaMessage delta -> take(delta);
      case Current current -> take(current);
      case Fleet(int dataPlanes) -> take(dataPlanes);
      case Goodbye goodbye -> new Answer.Leaving(goodbye);
    };
  }

  private Answer take(DeltaMessage message) {
    RoutingSnapshot base = snapshot;
    if (base == null) {
      return new Answer.Reply(new Resync("nothing is applied that a delta could be for"));
    }
    // Before it is computed, for a replica that is behind has another base, too.
    if (judge(message.origin()) == OriginGate.Decision.REFUSE) {
      return wait(message.delta().target());
    }
    try {
      return take(message.origin(), message.delta().applyTo(base));
    } catch (DeltaRejectedException e) {
      LOG.warn("{}; asking for the whole snapshot", e.getMessage());
      return new Answer.Reply(new Resync(String.valueOf(e.getMessage())));
    }
  }

  private Answer take(Origin from, RoutingSnapshot next) {
    OriginGate.Decision decision = judge(from);
    if (decision == OriginGate.Decision.REFUSE) {
      return wait(Versions.of(next));
    }
    ApplyResult result;
    try {
      result = table.apply(next);
    } catch (RuntimeException | Error e) {
      // A bug, or want of memory; at which entry isn't known. What was served goes on.
      faults.accept(e);
      refused.incrementAndGet();
      return new Answer.Report(new Nack(Versions.of(next), List.of(), 1));
    }
    return switch (result) {
      case ApplyResult.Rejected(var errors) -> {
        refused.incrementAndGet();
        yield new Answer.Report(Nack.of(next, errors));
      }
      case ApplyResult.Applied _, ApplyResult.Unchanged _ -> {
        if (decision == OriginGate.Decision.TAKE_STALE) {
          staleTaken.incrementAndGet();
          LOG.warn(
              "took table {}, though an earlier one was newer: no newer one came in time",
              next.version().brief());
        }
        serve(next, from, clock.instant());
        keptAt = null;
        keep();
        yield new Answer.Report(new Ack(Versions.of(next)));
      }
    };
  }

  private Answer take(Current current) {
    RoutingSnapshot present = snapshot;
    if (present == null || !Versions.of(present).equals(current.versions())) {
      return new Answer.Reply(new Resync("what is applied is not what the operator takes it for"));
    }
    keptAt = null;
    if (judge(current.origin()) == OriginGate.Decision.TAKE) {
      origin = current.origin();
    }
    return new Answer.Silence();
  }

  private Answer take(int dataPlanes) {
    if (dataPlanes != fleet.dataPlanes()) {
      fleet.set(dataPlanes);
      keep();
    }
    return new Answer.Silence();
  }

  private void keep() {
    RoutingSnapshot table = snapshot;
    Origin from = origin;
    if (table != null && from != null) {
      keeper.accept(new KeptTable(table, from, appliedAt, fleet.dataPlanes()));
    }
  }

  private OriginGate.Decision judge(Origin from) {
    Origin present = origin;
    return gate.judge(present != null && from.comparedTo(present) == Origin.Order.OLDER);
  }

  private Answer wait(Versions versions) {
    LOG.info("table {} is older than the one that is served: not taken for now", versions);
    return new Answer.Waiting(new Stale(versions), gate.left());
  }

  private void serve(RoutingSnapshot next, Origin from, Instant at) {
    snapshot = next;
    origin = from;
    appliedAt = at;
    applied = Versions.of(next);
  }
}
