package dev.longshore.proxy.tls;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.KeyedHash;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of all pools whose endpoints are spoken to over TLS, one for those that trust and
 * present the same. Immutable; a successor shares what did not change.
 */
public final class UpstreamContexts {
  private static final UpstreamContexts EMPTY = new UpstreamContexts(PersistentMap.empty());

  private final PersistentMap<Wanted, Shared> contexts;

  private UpstreamContexts(PersistentMap<Wanted, Shared> contexts) {
    this.contexts = contexts;
  }

  /** None. */
  public static UpstreamContexts empty() {
    return EMPTY;
  }

  /** The context of a pool that is in the snapshot. */
  public @Nullable ClientContext get(UpstreamPool pool) {
    UpstreamTls tls = pool.tls();
    Shared shared = tls == null ? null : contexts.get(Wanted.of(tls, pool));
    return shared == null ? null : shared.context;
  }

  /** What a context is made of. */
  private record Wanted(UpstreamTls tls, boolean http2) {
    /** Names differ per connection, not per context. */
    static Wanted of(UpstreamTls tls, UpstreamPool pool) {
      UpstreamTls nameless =
          tls.serverName() == null
              ? tls
              : new UpstreamTls(
                  null, tls.trustedCertificates(), tls.clientCertificate(), tls.credentials());
      return new Wanted(nameless, pool.protocol() == UpstreamPool.Protocol.HTTP_2);
    }

    /** Keyed, as the other's is. */
    @Override
    public int hashCode() {
      return KeyedHash.mix(tls.hashCode(), http2 ? 1 : 0);
    }
  }

  /**
   * Works out the next contexts without touching those in use, in time proportional to the change.
   *
   * @param before the snapshot that these are of
   * @param after the next one
   */
  public Update prepare(RoutingSnapshot before, RoutingSnapshot after) {
    Draft draft = new Draft(contexts, after);
    try {
      before.pools().diff(after.pools(), (key, older, newer) -> draft.change(older, newer));
      return draft.finish();
    } catch (RuntimeException | Error e) {
      // Outside the heap nobody else lets go of it.
      draft.made.forEach(ClientContext::release);
      throw e;
    }
  }

  /** The next contexts. One of {@link #commit} and {@link #abandon} is to be called, once. */
  public static final class Update {
    private final UpstreamContexts contexts;
    private final List<ClientContext> made;
    private final List<ClientContext> unused;
    private final List<SnapshotError> errors;

    private Update(
        UpstreamContexts contexts,
        List<ClientContext> made,
        List<ClientContext> unused,
        List<SnapshotError> errors) {
      this.contexts = contexts;
      this.made = List.copyOf(made);
      this.unused = List.copyOf(unused);
      this.errors = List.copyOf(errors);
    }

    /** Pools whose TLS can't be used; with one, there is nothing to commit. */
    public List<SnapshotError> errors() {
      return errors;
    }

    /** Complete if there are no errors. */
    public UpstreamContexts contexts() {
      return contexts;
    }

    /** Lets those go that no pool has any more. */
    public void commit() {
      unused.forEach(ClientContext::release);
    }

    /** Lets those go that were made in vain. */
    public void abandon() {
      made.forEach(ClientContext::release);
    }
  }

  /** A context and the number of pools that have it. */
  private record Shared(ClientContext context, int pools) {}

  /** Contexts under construction. */
  private static final class Draft {
    private final List<ClientContext> made = new ArrayList<>();
    private final List<SnapshotError> errors = new ArrayList<>();
    private final List<Wanted> left = new ArrayList<>();
    private final RoutingSnapshot after;
    private PersistentMap<Wanted, Shared> contexts;

    Draft(PersistentMap<Wanted, Shared> contexts, RoutingSnapshot after) {
      this.contexts = contexts;
      this.after = after;
    }

    void change(@Nullable UpstreamPool older, @Nullable UpstreamPool newer) {
      // The newer one first, so that a context that both have is never without a pool.
      if (newer != null && newer.tls() != null) {
        enter(newer, Wanted.of(newer.tls(), newer));
      }
      if (older != null && older.tls() != null) {
        leave(Wanted.of(older.tls(), older));
      }
    }

    private void enter(UpstreamPool pool, Wanted wanted) {
      Shared shared = contexts.get(wanted);
      UpstreamTls tls = wanted.tls();
      try {
        ClientContext context;
        if (shared == null) {
          // A valid snapshot holds what its pools name.
          UpstreamCredentials credentials = Objects.requireNonNull(after.credentialsOf(tls));
          context = ClientContext.of(credentials, wanted.http2(), TlsLibrary.best());
          made.add(context);
        } else {
          context = shared.context;
        }
        int pools = shared == null ? 0 : shared.pools;
        contexts = contexts.with(wanted, new Shared(context, pools + 1));
      } catch (UnusableTlsException e) {
        String id = tls.credentials();
        EntryRef entry = id == null ? new EntryRef.Pool(pool.key()) : new EntryRef.Credentials(id);
        String path = entry.path() + (id == null ? ".tls." : ".") + e.field();
        errors.add(new SnapshotError(entry, path, String.valueOf(e.getMessage())));
      } catch (RuntimeException | StackOverflowError | LinkageError e) {
        String id = tls.credentials();
        EntryRef entry = id == null ? new EntryRef.Pool(pool.key()) : new EntryRef.Credentials(id);
        errors.add(new SnapshotError(entry, entry.path(), "can't be used: " + e));
      }
    }

    private void leave(Wanted wanted) {
      Shared shared = contexts.get(wanted);
      if (shared != null) {
        contexts = contexts.with(wanted, new Shared(shared.context, shared.pools - 1));
        if (shared.pools == 1) {
          left.add(wanted);
        }
      }
    }

    Update finish() {
      List<ClientContext> unused = new ArrayList<>();
      for (Wanted wanted : left) {
        // Another pool may have come after the last one left.
        Shared shared = contexts.get(wanted);
        if (shared != null && shared.pools == 0) {
          unused.add(shared.context);
          contexts = contexts.without(wanted);
        }
      }
      return new Update(new UpstreamContexts(contexts), made, unused, errors);
    }
  }
}
