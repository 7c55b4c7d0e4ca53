package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Trim;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.net.HttpURLConnection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One list-and-watch, whose items go straight into the view: the informer's store is a door to it
 * that keeps no more than identities. So nothing is held twice, and when the informer says that it
 * has synced, everything listed is in the view.
 *
 * <p>A list is taken page by page, and what it doesn't name is removed only after its last page: a
 * list that was cut short removes nothing. An event that comes again, or behind a later one of the
 * same resource, changes nothing. Failures are retried for ever.
 */
final class Feed<T extends HasMetadata> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Feed.class);

  private final String name;
  private final Kind kind;
  private final Supplier<Informable<T>> target;
  private final Function<ResourceRef, @Nullable T> getter;
  private final Sink<? super T> sink;
  private final Part part;
  private final Map<String, T> identities = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> synced = new CompletableFuture<>();
  private final CompletableFuture<Void> answered = new CompletableFuture<>();
  private @Nullable SharedIndexInformer<T> informer;
  private volatile @Nullable Store current;
  private volatile @Nullable String trouble;
  private volatile boolean closed;

  /** Takes what a feed delivers; called by one thread at a time for each feed. */
  interface Sink<T> {
    void put(Feed<?> from, T resource);

    void remove(Feed<?> from, ResourceRef ref);
  }

  /** One of which nothing is ever read again by itself. */
  Feed(String name, Kind kind, Supplier<Informable<T>> target, Sink<? super T> sink, Part part) {
    this(name, kind, target, ref -> null, sink, part);
  }

  /**
   * @param name what is followed, for people
   * @param target what to list and watch; asked for anew at each start
   * @param getter gets one of them from the API server; null: it is not there
   * @param part of the watch; hears of what can't be taken, and of an end that nobody wanted
   */
  Feed(
      String name,
      Kind kind,
      Supplier<Informable<T>> target,
      Function<ResourceRef, @Nullable T> getter,
      Sink<? super T> sink,
      Part part) {
    this.getter = getter;
    this.part = part;
    this.name = name;
    this.kind = kind;
    this.target = target;
    this.sink = sink;
  }

  Kind kind() {
    return kind;
  }

  /** Lists and watches; returns at once. */
  synchronized void start() {
    if (closed) {
      return;
    }
    SharedIndexInformer<T> started = target.get().runnableInformer(0);
    started.itemStore(store());
    started.exceptionHandler(
        (running, failure) -> {
          report(failure);
          return true;
        });
    informer = started;
    started.stopped().whenComplete((_, failure) -> stopped(started, failure));
    started
        .start()
        .thenRun(
            () -> {
              trouble = null;
              synced.complete(null);
              answered.complete(null);
            });
  }

  /**
   * Forgets how far it has read and lists anew, which also removes from the view what is no longer
   * there. For the one case that a watch can't tell: the cluster's state was set back.
   */
  synchronized void restart() {
    stop();
    start();
  }

  /**
   * Delivers a resource once more as it is now, if it is one that this feed has delivered and that
   * has not gone since. Blocks until the API server has answered.
   *
   * @throws KubernetesClientException if it can't be had
   */
  void reread(ResourceRef ref) {
    String key = kind.namespaced() ? ref.namespace() + "/" + ref.name() : ref.name();
    Store store = current;
    T now = store == null || !identities.containsKey(key) ? null : getter.apply(ref);
    if (store != null && now != null) {
      store.again(key, now);
    }
  }

  private void stop() {
    SharedIndexInformer<T> running = informer;
    informer = null; // first, so that its end is nobody's trouble
    if (running != null) {
      running.stop();
    }
  }

  private synchronized void stopped(SharedIndexInformer<T> which, @Nullable Throwable failure) {
    if (informer == which) {
      part.died(name + " can't be followed any more", failure);
    }
  }

  /** The store of an informer, which is from now on the only one that is listened to. */
  ItemStore<T> store() {
    synchronized (identities) {
      Store next = new Store();
      current = next;
      return next;
    }
  }

  /** Completes when everything of the first list is in the view. */
  CompletableFuture<Void> synced() {
    return synced;
  }

  /** Completes when it has synced, or the API server has said that it may not be read. */
  CompletableFuture<Void> answered() {
    return answered;
  }

  /** The newest resourceVersion that was read; 0 before the first. */
  synchronized long resourceVersion() {
    String text = informer == null ? null : informer.lastSyncResourceVersion();
    return Revisions.parse(text);
  }

  /** Why it hasn't synced yet, in a few words. */
  String waiting() {
    String reason = trouble;
    return name + (reason == null ? "" : " (" + reason + ")");
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    stop();
  }

  private void report(Throwable failure) {
    String now = explain(failure);
    if (!now.equals(trouble)) {
      trouble = now;
      log.warn("{}: can't be followed, which is retried: {}", name, now);
    }
  }

  private String explain(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof KubernetesClientException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof KubernetesClientException refused) {
      switch (refused.getCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND -> {
          return "the cluster doesn't know the kind: apply the CRDs of longshore.dev";
        }
        case HttpURLConnection.HTTP_FORBIDDEN -> {
          answered.complete(null);
          return "not permitted: the ClusterRole must allow get, list and watch";
        }
        case HttpURLConnection.HTTP_UNAUTHORIZED -> {
          return "the API server doesn't take the operator's token";
        }
        default -> {}
      }
    }
    return String.valueOf(cause.getMessage());
  }

  @Override
  public String toString() {
    return name;
  }

  /** What the informer takes for its store. */
  private final class Store implements ItemStore<T> {
    /**
     * What another informer delivered before this one: its revisions may be those of a state that
     * is no more.
     */
    private final Set<String> inherited = new HashSet<>(identities.keySet());

    @Override
    public String getKey(T resource) {
      return Cache.metaNamespaceKeyFunc(resource);
    }

    @Override
    public @Nullable T put(String key, T resource) {
      if (trouble != null) {
        trouble = null;
        log.info("{}: followed again", name);
      }
      synchronized (identities) {
        T before = identities.get(key);
        if (current != this || (before != null && isLate(key, before, resource))) {
          return before;
        }
        inherited.remove(key);
        take(() -> sink.put(Feed.this, resource), key);
        return identities.put(key, identity(resource));
      }
    }

    /** As an event, but for one whose end was told meanwhile. */
    private void again(String key, T resource) {
      synchronized (identities) {
        T known = identities.get(key);
        if (known != null
            && Objects.equals(known.getMetadata().getUid(), resource.getMetadata().getUid())) {
          put(key, resource);
        }
      }
    }

    /** A bug at one resource must not end the following of all others. */
    private void take(Runnable change, String key) {
      try {
        change.run();
      } catch (RuntimeException | Error e) {
        part.fault(
            name + " " + key + ": a change could not be taken; what was read before stays", e);
      }
    }

    /** Whether it is what this resource was before; of one that was made anew nothing is. */
    private boolean isLate(String key, T before, T now) {
      return !inherited.contains(key)
          && Objects.equals(before.getMetadata().getUid(), now.getMetadata().getUid())
          && Revisions.parse(now.getMetadata().getResourceVersion())
              < Revisions.parse(before.getMetadata().getResourceVersion());
    }

    @Override
    public @Nullable T remove(String key) {
      synchronized (identities) {
        T removed = current == this ? identities.remove(key) : null;
        if (removed != null) {
          ResourceRef ref =
              new ResourceRef(
                  kind,
                  kind.namespaced() ? removed.getMetadata().getNamespace() : "",
                  removed.getMetadata().getName());
          take(() -> sink.remove(Feed.this, ref), key);
        }
        return removed;
      }
    }

    @Override
    public Stream<String> keySet() {
      return identities.keySet().stream();
    }

    @Override
    public Stream<T> values() {
      return identities.values().stream();
    }

    @Override
    public int size() {
      return identities.size();
    }

    @Override
    public @Nullable T get(String key) {
      return identities.get(key);
    }

    private T identity(T resource) {
      try {
        @SuppressWarnings("unchecked") // the resource's own class
        T identity = (T) resource.getClass().getDeclaredConstructor().newInstance();
        identity.setMetadata(Trim.metadata(resource.getMetadata()));
        return identity;
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(resource.getClass() + " can't be made", e);
      }
    }
  }
}
