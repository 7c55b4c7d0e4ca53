package dev.longshore.proxy.table;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.table.ApplyResult.Applied;
import dev.longshore.proxy.table.ApplyResult.Rejected;
import dev.longshore.proxy.table.ApplyResult.Unchanged;
import dev.longshore.proxy.tls.Certificates;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.CompilationException;
import dev.longshore.proxy.upstream.HealthListener;
import dev.longshore.proxy.upstream.Pools;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routing that is served, and the one door by which it changes. A snapshot is validated as a
 * whole and compiled aside, while requests go on with what there is; then one volatile write makes
 * it the one that later requests see. A snapshot with an error changes nothing.
 *
 * <p>Readers never wait. Snapshots are applied one after the other, by any thread but an event
 * loop.
 */
public final class SnapshotHolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotHolder.class);

  private final Clock clock;
  private final Compiler compiler;
  private final List<RoutingListener> listeners = new CopyOnWriteArrayList<>();
  private volatile RoutingState state;
  private volatile @Nullable Rejection lastRejection;
  private UpstreamContexts upstreamContexts = UpstreamContexts.empty();
  private boolean closed;

  /** Starts with nothing applied, in the only data plane there is. */
  public SnapshotHolder() {
    this(
        Clock.systemUTC(), HealthListener.NONE, IntUnaryOperator.identity(), Ticker.systemTicker());
  }

  /**
   * Starts with nothing applied.
   *
   * @param clock tells when snapshots came, for people
   * @param health hears how the endpoints of all pools are
   * @param share this data plane's part of a total over all of them, see {@link Pools#empty}
   * @param ticker of the pools
   */
  public SnapshotHolder(Clock clock, HealthListener health, IntUnaryOperator share, Ticker ticker) {
    this(
        clock,
        health,
        share,
        ticker,
        (before, next, pools) -> before.table().next(before.snapshot(), next, pools));
  }

  SnapshotHolder(
      Clock clock,
      HealthListener health,
      IntUnaryOperator share,
      Ticker ticker,
      Compiler compiler) {
    this.clock = clock;
    this.compiler = compiler;
    this.state =
        new RoutingState(
            RoutingSnapshot.EMPTY,
            RoutingTable.empty(),
            Certificates.empty(),
            Pools.empty(health, share, ticker),
            Instant.EPOCH);
  }

  /** Makes the table of the next snapshot. */
  @FunctionalInterface
  interface Compiler {
    RoutingTable next(RoutingState before, RoutingSnapshot next, Pools pools);
  }

  /** What decides about a request that comes now. One volatile read; take it once per request. */
  public RoutingState current() {
    return state;
  }

  /**
   * The last snapshot that was refused since the last one that was applied or found unchanged; null
   * when there is none.
   */
  public @Nullable Rejection lastRejection() {
    return lastRejection;
  }

  /** Lets the listener hear of what is applied or rejected from now on. */
  public void addListener(RoutingListener listener) {
    listeners.add(listener);
  }

  /**
   * Takes a snapshot in, or refuses it whole. Should it throw, for a fault of our own, what is
   * served goes on. Cost: proportional to the change.
   */
  public synchronized ApplyResult apply(RoutingSnapshot snapshot) {
    RoutingState before = state;
    if (closed) {
      return new Unchanged();
    }
    if (before.applied()
        && before.snapshot().version().equals(snapshot.version())
        && before.snapshot().endpointsVersion().equals(snapshot.endpointsVersion())) {
      lastRejection = null;
      return new Unchanged();
    }
    List<SnapshotError> errors = SnapshotValidator.validate(before.snapshot(), snapshot);
    if (!errors.isEmpty()) {
      return reject(snapshot, errors);
    }
    Certificates.Update certificates = before.certificates().prepare(before.snapshot(), snapshot);
    UpstreamContexts.Update contexts;
    try {
      contexts = upstreamContexts.prepare(before.snapshot(), snapshot);
    } catch (RuntimeException | Error e) {
      certificates.abandon();
      throw e;
    }
    if (!certificates.errors().isEmpty() || !contexts.errors().isEmpty()) {
      certificates.abandon();
      contexts.abandon();
      return reject(
          snapshot,
          Stream.concat(certificates.errors().stream(), contexts.errors().stream()).toList());
    }
    Pools.Update pools;
    RoutingTable table;
    try {
      pools = before.pools().prepare(before.snapshot(), snapshot, contexts.contexts());
      table = compiler.next(before, snapshot, pools.pools());
    } catch (CompilationException e) {
      certificates.abandon();
      contexts.abandon();
      EntryRef entry = e.entry();
      return reject(
          snapshot,
          List.of(new SnapshotError(entry, entry.path(), "does not compile: " + e.getMessage())));
    } catch (RuntimeException | Error e) {
      // Nothing is in use yet of what was made outside the heap.
      certificates.abandon();
      contexts.abandon();
      throw e;
    }
    RoutingState now =
        new RoutingState(
            snapshot, table, certificates.certificates(), pools.pools(), clock.instant());
    // Pools that stay follow first: at worst a request of the old rules sees the new endpoints,
    // while no request of the new rules sees old ones.
    pools.commit();
    state = now;
    upstreamContexts = contexts.contexts();
    certificates.commit();
    contexts.commit();
    lastRejection = null;
    tell(listener -> listener.applied(before, now));
    return new Applied(snapshot.version(), snapshot.endpointsVersion());
  }

  /**
   * Lets the certificates go, when nobody is served any more; what is applied later is passed over.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      RoutingState last = state;
      Certificates.Update none =
          last.certificates().prepare(last.snapshot(), RoutingSnapshot.EMPTY);
      state =
          new RoutingState(
              last.snapshot(), last.table(), Certificates.empty(), last.pools(), last.appliedAt());
      none.commit();
      upstreamContexts.prepare(last.snapshot(), RoutingSnapshot.EMPTY).commit();
    }
  }

  private Rejected reject(RoutingSnapshot snapshot, List<SnapshotError> errors) {
    Rejected rejected = new Rejected(errors);
    lastRejection =
        new Rejection(
            snapshot.version(), snapshot.endpointsVersion(), clock.instant(), rejected.errors());
    LOG.error(
        "snapshot {} rejected, {} stays: {}",
        snapshot.version().brief(),
        state.snapshot().version().brief(),
        rejected.errors());
    tell(listener -> listener.rejected(snapshot, rejected));
    return rejected;
  }

  private void tell(Consumer<RoutingListener> news) {
    for (RoutingListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException | Error e) {
        LOG.warn("a listener of routing changes failed", e);
      }
    }
  }
}
