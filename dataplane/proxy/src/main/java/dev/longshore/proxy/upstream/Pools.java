package dev.longshore.proxy.upstream;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.EndpointCell.Published;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All upstream pools of a snapshot by key. A pool whose key stays is the same object in the next
 * one, with its state. Immutable; any thread may read.
 */
public final class Pools {
  private final PersistentMap<PoolKey, Pool> pools;
  private final PersistentMap<EndpointSetKey, EndpointCell> cells;
  private final HealthListener health;
  private final IntUnaryOperator share;
  private final AddressFamilies families;
  private final Ticker ticker;

  private Pools(
      PersistentMap<PoolKey, Pool> pools,
      PersistentMap<EndpointSetKey, EndpointCell> cells,
      HealthListener health,
      IntUnaryOperator share,
      AddressFamilies families,
      Ticker ticker) {
    this.families = families;
    this.ticker = ticker;
    this.pools = pools;
    this.cells = cells;
    this.health = health;
    this.share = share;
  }

  /** No pool, in the only data plane there is; nobody hears of the health of the next ones. */
  public static Pools empty() {
    return empty(HealthListener.NONE, IntUnaryOperator.identity(), Ticker.systemTicker());
  }

  /**
   * No pool.
   *
   * @param health hears how the endpoints of all later pools are
   * @param share this data plane's part of a total over all of them, at least 1; asked at every
   *     choice by any thread, for it changes with their number
   * @param ticker by which endpoints ramp and ejections end
   */
  public static Pools empty(HealthListener health, IntUnaryOperator share, Ticker ticker) {
    return empty(health, share, AddressFamilies.OF_NODE, ticker);
  }

  static Pools empty(
      HealthListener health, IntUnaryOperator share, AddressFamilies families, Ticker ticker) {
    return new Pools(PersistentMap.empty(), PersistentMap.empty(), health, share, families, ticker);
  }

  /** The pool, or null. */
  public @Nullable Pool get(PoolKey key) {
    return pools.get(key);
  }

  /** Number of pools. */
  public int size() {
    return pools.size();
  }

  /** Every pool, in no particular order. */
  public void forEach(Consumer<? super Pool> action) {
    pools.forEach((key, pool) -> action.accept(pool));
  }

  /**
   * Works out the next pools without touching those in use, in time proportional to the change. New
   * endpoints ramp from now.
   *
   * @param before the snapshot that these pools are of
   * @param after the next one
   * @param contexts of the next snapshot
   * @throws CompilationException if a pool can't be made, as of an endpoint set that is not there
   */
  public Update prepare(RoutingSnapshot before, RoutingSnapshot after, UpstreamContexts contexts) {
    long nanoTime = ticker.nanoTime();
    List<Runnable> changes = new ArrayList<>();
    Draft draft = new Draft(pools, cells);
    before
        .endpointSets()
        .diff(
            after.endpointSets(),
            (key, old, now) ->
                naming(
                    new EntryRef.Endpoints(key),
                    () -> {
                      EndpointCell present = draft.cells.get(key);
                      if (now == null) {
                        draft.cells = draft.cells.without(key);
                        return;
                      }
                      Published published = new Published(now, nanoTime);
                      if (present == null) {
                        draft.cells = draft.cells.with(key, new EndpointCell(published));
                      } else {
                        changes.add(() -> present.publish(published));
                      }
                    }));
    before
        .pools()
        .diff(
            after.pools(),
            (key, old, now) ->
                naming(
                    new EntryRef.Pool(key),
                    () -> {
                      Pool present = draft.pools.get(key);
                      if (now == null) {
                        draft.pools = draft.pools.without(key);
                        return;
                      }
                      PoolSource source = draft.source(now, contexts);
                      if (present == null) {
                        draft.pools =
                            draft.pools.with(
                                key, new Pool(source, health, share, families, ticker));
                      } else {
                        changes.add(() -> present.update(source));
                      }
                    }));
    return new Update(
        new Pools(draft.pools, draft.cells, health, share, families, ticker), changes);
  }

  private static void naming(EntryRef entry, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      throw new CompilationException(entry, e);
    }
  }

  /**
   * The next pools, and what is still to be done to those that stay.
   *
   * @param pools complete: rules can be compiled against them
   * @param changes in no particular order
   */
  public record Update(Pools pools, List<Runnable> changes) {
    public Update {
      changes = List.copyOf(changes);
    }

    /** Lets the pools that stay follow the snapshot. To be called once, when it is sure. */
    public void commit() {
      changes.forEach(Runnable::run);
    }
  }

  /** Maps under construction. */
  private static final class Draft {
    private PersistentMap<PoolKey, Pool> pools;
    private PersistentMap<EndpointSetKey, EndpointCell> cells;

    Draft(PersistentMap<PoolKey, Pool> pools, PersistentMap<EndpointSetKey, EndpointCell> cells) {
      this.pools = pools;
      this.cells = cells;
    }

    PoolSource source(UpstreamPool pool, UpstreamContexts contexts) {
      return new PoolSource(
          pool,
          cell(pool),
          // Never in the clear instead.
          pool.tls() == null
              ? null
              : Objects.requireNonNull(contexts.get(pool), "no context for " + pool.key()));
    }

    private EndpointCell cell(UpstreamPool pool) {
      EndpointCell cell = cells.get(pool.endpoints());
      if (cell == null) {
        throw new IllegalArgumentException(
            "pool " + pool.key() + ": there is no endpoint set " + pool.endpoints());
      }
      return cell;
    }
  }
}
