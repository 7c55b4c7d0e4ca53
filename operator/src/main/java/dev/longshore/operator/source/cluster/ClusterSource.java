package dev.longshore.operator.source.cluster;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Stub;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.cluster.CustomResources.Reading;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a cluster, and keeps the view of the resources that matter.
 *
 * <p>Secrets of type {@code kubernetes.io/tls} and those labelled {@code longshore.dev/watch:
 * "true"} are watched; others, and ConfigMaps, are followed by name while something refers to them
 * ({@link #follow}). No change is announced before the first lists of all kinds are in the view.
 *
 * <p>Thread-safe.
 */
public final class ClusterSource implements AutoCloseable {
  /** The label of Secrets that are watched whatever their type. */
  public static final String WATCH_LABEL = "longshore.dev/watch";

  private static final Logger log = LoggerFactory.getLogger(ClusterSource.class);

  /** With a limit informers list consistently, page by page, and never from a stale cache. */
  private static final long PAGE = HardLimits.LISTED_AT_ONCE;

  /** How often it is looked whether there is room for what isn't held. */
  static final Duration REREAD = Duration.ofSeconds(5);

  private static final int REREAD_AT_ONCE = 16;

  private static final Holdings.Taken NOTHING_TAKEN = new Holdings.Taken(null, Map.of());

  private final KubernetesClient client;
  private final Scope scope;
  private final Consumer<View> onChange;
  private final Part informers;
  private final List<Feed<?>> bulk = new ArrayList<>();
  private final NamedFeeds named;
  private final @Nullable ExternalNames externalNames;
  private final CompletableFuture<Void> synced;

  /** Which feeds have a Secret: it may be watched by its type, by its label, and by its name. */
  private final Map<ResourceRef, Map<Feed<?>, HasMetadata>> holders = new HashMap<>();

  /** Resources of our own kinds that can't be read in full, and why. */
  private final Map<ResourceRef, String> unreadable = new HashMap<>();

  private final Predicate<String> annotations;
  private final Holdings holdings;
  private final ScheduledExecutorService rereading =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("rereading").daemon().factory());

  private View view = View.EMPTY;
  private PersistentMap<ResourceRef, ResourceRef> followed = PersistentMap.empty();
  private boolean announcing;
  private boolean closed;

  /**
   * A source that follows nothing yet.
   *
   * @param resolveExternalNames whether Services of type ExternalName get EndpointSlices
   * @param annotations which annotations anybody reads, by their keys; others are not held
   * @param onChange hears of every view that says something else than the one before, one at a
   *     time, on the threads of the informers: it must return at once
   * @param watch gets parts for the informers and for the names
   */
  public ClusterSource(
      KubernetesClient client,
      Scope scope,
      boolean resolveExternalNames,
      Predicate<String> annotations,
      Consumer<View> onChange,
      Watch watch) {
    this(client, scope, resolveExternalNames, annotations, onChange, watch, Holdings.ofHeap());
  }

  ClusterSource(
      KubernetesClient client,
      Scope scope,
      boolean resolveExternalNames,
      Predicate<String> annotations,
      Consumer<View> onChange,
      Watch watch,
      Holdings holdings) {
    this.annotations = annotations;
    this.holdings = holdings;
    this.client = client;
    this.informers = watch.part("informers");
    this.scope = scope;
    this.onChange = onChange;
    this.named = new NamedFeeds(this::namedFeed, this::inBulk, this::forget);
    this.externalNames =
        resolveExternalNames
            ? new ExternalNames(this::resolved, watch.part("external-names"))
            : null;
    for (Kind kind : Kind.values()) {
      switch (kind.reading()) {
        case CUSTOM -> untyped(kind);
        case BUILT_IN -> typed(kind, kind.type(), "", UnaryOperator.identity());
        case REFERENCED -> {} // when something refers to one
      }
    }
    typed(
        Kind.SECRET,
        Secret.class,
        " of type kubernetes.io/tls",
        secrets -> narrowed(secrets.withField("type", "kubernetes.io/tls")));
    typed(
        Kind.SECRET,
        Secret.class,
        " labelled " + WATCH_LABEL,
        secrets -> narrowed(secrets.withLabel(WATCH_LABEL, "true")));
    if (scope.home() != null) {
      // Translated without the record, hosts would go to the oldest objects that claim them.
      bulk.addAll(new TenureFeeds(client, scope.home(), this::tenures, informers).feeds());
    }
    this.synced =
        CompletableFuture.allOf(bulk.stream().map(Feed::synced).toArray(CompletableFuture[]::new));
  }

  /** Lists and watches; returns at once. Failures are retried for ever. */
  public void start() {
    bulk.forEach(Feed::start);
    long period = REREAD.toMillis();
    var unused =
        rereading.scheduleWithFixedDelay(this::reread, period, period, TimeUnit.MILLISECONDS);
  }

  /** Completes when the first lists of all kinds are in the view. */
  public CompletableFuture<Void> synced() {
    return synced;
  }

  /** The lists that are still missing, with the reason as far as it is known. */
  public List<String> waitingFor() {
    return bulk.stream().filter(feed -> !feed.synced().isDone()).map(Feed::waiting).toList();
  }

  /** The namespaces whose resources take most of what they may, at most 20. */
  public synchronized List<Holdings.Share> shares() {
    return holdings.shares();
  }

  /** The resources as they are now. */
  public synchronized View view() {
    return view;
  }

  /** Sets where Longshore itself listens. */
  public synchronized void own(OwnAddresses addresses) {
    change(view.in(view.surroundings().with(addresses)));
  }

  private synchronized void tenures(Map<String, HostTenure> before, Map<String, HostTenure> now) {
    PersistentMap<String, HostTenure> tenures = view.surroundings().tenures();
    for (String host : before.keySet()) {
      tenures = now.containsKey(host) ? tenures : tenures.without(host);
    }
    for (Map.Entry<String, HostTenure> entry : now.entrySet()) {
      tenures = tenures.with(entry.getKey(), entry.getValue());
    }
    change(view.in(view.surroundings().with(tenures)));
  }

  /** Announces every change from now on, and what there is now. To be called once synced. */
  public synchronized void announce() {
    announcing = true;
    onChange.accept(view);
  }

  /** The newest resourceVersion that was read of each kind; 0 for kinds of which none was. */
  public Map<Kind, Long> resourceVersions() {
    Map<Kind, Long> newest = new EnumMap<>(Kind.class);
    for (Feed<?> feed : feeds()) {
      newest.merge(feed.kind(), feed.resourceVersion(), Math::max);
    }
    return newest;
  }

  /**
   * Follows the Secrets and ConfigMaps that are referred to, and no others any more; waits until
   * the new ones were looked for.
   *
   * @param references each under its own name; at a cost proportional to what changed since the
   *     last call
   * @param patience how long to wait at most: without the API server nothing comes
   * @return whether the view may now hold something that was looked for
   */
  public boolean follow(PersistentMap<ResourceRef, ResourceRef> references, Duration patience) {
    List<CompletableFuture<Void>> awaited = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return false;
      }
      followed.diff(
          references,
          (ref, before, now) -> {
            if (now == null) {
              named.unwant(ref);
            } else if (scope.includes(ref)) {
              CompletableFuture<Void> looked = named.want(ref);
              if (!looked.isDone()) {
                awaited.add(looked);
              }
            }
          });
      followed = references;
    }
    if (awaited.isEmpty()) {
      return false;
    }
    try {
      CompletableFuture.allOf(awaited.toArray(CompletableFuture[]::new))
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // What hasn't come by now is missing for the time being, and announced when it comes.
    }
    return true;
  }

  /** Lists everything anew: for when the cluster's state was set back, which watches can't tell. */
  public void restart() {
    feeds().forEach(Feed::restart);
  }

  @Override
  public void close() {
    List<Feed<?>> open;
    synchronized (this) {
      closed = true;
      announcing = false;
      open = new ArrayList<>(bulk);
      named.close();
    }
    open.forEach(Feed::close);
    rereading.shutdownNow();
    if (externalNames != null) {
      externalNames.close();
    }
  }

  /** Gets again, one by one, what isn't held and for which there is room by now. */
  private void reread() {
    try {
      List<ResourceRef> fitting;
      synchronized (this) {
        fitting = holdings.fitting(REREAD_AT_ONCE);
      }
      fitting.forEach(this::reread);
    } catch (RuntimeException | Error e) {
      informers.fault("what was not held can't be read again, which is retried", e);
    }
  }

  private void reread(ResourceRef ref) {
    try {
      feeds().stream().filter(feed -> feed.kind() == ref.kind()).forEach(feed -> feed.reread(ref));
    } catch (KubernetesClientException e) {
      log.warn("{} can't be read again, which is retried: {}", ref, e.getMessage());
    }
  }

  private synchronized List<Feed<?>> feeds() {
    List<Feed<?>> all = new ArrayList<>(bulk);
    named.all().forEach(all::add);
    return all;
  }

  private <T extends HasMetadata> void typed(
      Kind kind,
      Class<T> type,
      String which,
      UnaryOperator<FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>>> narrow) {
    for (String namespace : namespaces(kind)) {
      MixedOperation<T, KubernetesResourceList<T>, Resource<T>> resources = client.resources(type);
      bulk.add(
          new Feed<>(
              feedName(kind, namespace) + which,
              kind,
              () ->
                  narrow
                      .apply(
                          narrowed(
                              namespace.isEmpty()
                                  ? resources.inAnyNamespace()
                                  : resources.inNamespace(namespace)))
                      .withLimit(PAGE),
              ref -> resources.inNamespace(ref.namespace()).withName(ref.name()).get(),
              new Sink<T>(),
              informers));
    }
  }

  /** Where what is narrowed down further is still of the same type, and the API's isn't. */
  @SuppressWarnings("unchecked")
  private static <T extends HasMetadata>
      FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> narrowed(Object target) {
    return (FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>>) target;
  }

  private void untyped(Kind kind) {
    for (String namespace : namespaces(kind)) {
      bulk.add(
          new Feed<GenericKubernetesResource>(
              feedName(kind, namespace),
              kind,
              () -> {
                var resources = client.genericKubernetesResources(CustomResources.context(kind));
                return (namespace.isEmpty()
                        ? resources.inAnyNamespace()
                        : resources.inNamespace(namespace))
                    .withLimit(PAGE);
              },
              ref ->
                  client
                      .genericKubernetesResources(CustomResources.context(kind))
                      .inNamespace(ref.namespace())
                      .withName(ref.name())
                      .get(),
              new UntypedSink(),
              informers));
    }
  }

  private Feed<?> namedFeed(ResourceRef ref) {
    return namedFeed(ref, ref.kind().type());
  }

  private <T extends HasMetadata> Feed<T> namedFeed(ResourceRef ref, Class<T> type) {
    return new Feed<>(
        ref.toString(),
        ref.kind(),
        () -> {
          Informable<T> one =
              client
                  .resources(type)
                  .inNamespace(ref.namespace())
                  .withField("metadata.name", ref.name())
                  .withLimit(1L);
          return one;
        },
        wanted ->
            client.resources(type).inNamespace(wanted.namespace()).withName(wanted.name()).get(),
        new Sink<>(),
        informers);
  }

  private Set<String> namespaces(Kind kind) {
    return scope.namespaces().isEmpty() || !kind.namespaced()
        ? Set.of("")
        : new TreeSet<>(scope.namespaces());
  }

  private static String feedName(Kind kind, String namespace) {
    return kind.label()
        + (kind.label().endsWith("s") ? "es" : "s")
        + (namespace.isEmpty() ? "" : " of namespace " + namespace);
  }

  private boolean inBulk(ResourceRef ref) {
    Map<Feed<?>, HasMetadata> held = holders.get(ref);
    return held != null && held.keySet().stream().anyMatch(bulk::contains);
  }

  private synchronized void resolved(ResourceRef ref, @Nullable EndpointSlice slice) {
    if (!closed) {
      change(slice == null ? view.without(ref) : view.with(slice));
    }
  }

  private void toResolve(ResourceRef ref, @Nullable HasMetadata service) {
    if (externalNames != null && ref.kind() == Kind.SERVICE) {
      externalNames.service(ref, (Service) service);
    }
  }

  private synchronized void change(View next) {
    if (next == view) {
      return;
    }
    view = next;
    if (announcing) {
      onChange.accept(next);
    }
  }

  /** Takes a resource that one feed alone delivers. */
  private synchronized Holdings.Taken put(ResourceRef ref, HasMetadata resource) {
    Holdings.Taken taken = holdings.take(ref, resource);
    String refused = taken.refused();
    View next = without(taken.gone());
    change(refused == null ? next.with(resource) : next.withoutRoom(resource, refused));
    return taken;
  }

  private synchronized Holdings.Taken hold(Feed<?> feed, ResourceRef ref, HasMetadata resource) {
    if (closed || feed.isClosed()) {
      return NOTHING_TAKEN;
    }
    Map<Feed<?>, HasMetadata> held = holders.computeIfAbsent(ref, added -> new HashMap<>());
    Holdings.Taken taken = holdings.take(ref, resource);
    String refused = taken.refused();
    View next = without(taken.gone());
    if (refused == null) {
      if (view.unheld().get(ref) != null) {
        held.replaceAll((other, nothing) -> resource);
      }
      held.put(feed, resource);
      change(next.with(newest(held)));
    } else {
      // Another feed that has it keeps no more of it either.
      held.replaceAll((other, earlier) -> Stub.shell(earlier));
      held.put(feed, Stub.shell(resource));
      change(next.withoutRoom(resource, refused));
    }
    if (bulk.contains(feed)) {
      named.deliveryChanged(ref);
    }
    return taken;
  }

  /** The view without what was given up for others. */
  private View without(Map<ResourceRef, String> gone) {
    View next = view;
    for (Map.Entry<ResourceRef, String> each : gone.entrySet()) {
      HasMetadata present = next.get(each.getKey());
      if (present != null) {
        next = next.withoutRoom(present, each.getValue());
      }
      Map<Feed<?>, HasMetadata> held = holders.get(each.getKey());
      if (held != null) {
        held.replaceAll((feed, resource) -> Stub.shell(resource));
      }
    }
    return next;
  }

  /** Not under the lock of this: names have one that is taken first. */
  private void unresolve(Holdings.Taken taken) {
    taken.gone().keySet().forEach(ref -> toResolve(ref, null));
  }

  private synchronized void release(Feed<?> feed, ResourceRef ref) {
    forget(feed, ref);
    named.deliveryChanged(ref);
  }

  private synchronized void forget(Feed<?> feed, ResourceRef ref) {
    Map<Feed<?>, HasMetadata> held = holders.get(ref);
    if (held == null || held.remove(feed) == null) {
      return;
    }
    if (held.isEmpty()) {
      holders.remove(ref);
      holdings.release(ref);
      change(view.without(ref));
    } else if (view.unheld().get(ref) == null) {
      change(view.with(newest(held)));
    }
  }

  private static HasMetadata newest(Map<Feed<?>, HasMetadata> held) {
    HasMetadata newest = null;
    for (HasMetadata resource : held.values()) {
      if (newest == null
          || Revisions.parse(resource.getMetadata().getResourceVersion())
              > Revisions.parse(newest.getMetadata().getResourceVersion())) {
        newest = resource;
      }
    }
    return Objects.requireNonNull(newest);
  }

  private synchronized Holdings.Taken takeRemainder(
      ResourceRef ref, ObjectMeta metadata, Reading.Partial partial) {
    HasMetadata before = view.unheld().get(ref) == null ? view.get(ref) : null;
    if (partial.why().equals(unreadable.put(ref, partial.why()))
        && before != null
        && Objects.equals(before.getMetadata().getUid(), metadata.getUid())
        && Objects.equals(before.getMetadata().getGeneration(), metadata.getGeneration())) {
      return NOTHING_TAKEN;
    }
    log.warn("{} can't be read as it is written, and is not served: {}", ref, partial.why());
    HasMetadata places = partial.remainder() != null ? partial.remainder() : before;
    if (places == null) {
      holdings.release(ref); // there is nothing to be read again before it is edited
      return NOTHING_TAKEN;
    }
    Holdings.Taken taken = holdings.take(ref, places);
    String refused = taken.refused();
    View next = without(taken.gone());
    if (refused != null) {
      change(next.withoutRoom(places, refused));
    } else {
      // As of a folder's, and the same on every replica, whatever it has read before.
      change(partial.refused() ? next.withRefused(places, partial.why()) : next.with(places));
    }
    return taken;
  }

  /** Takes built-in kinds. */
  private final class Sink<T extends HasMetadata> implements Feed.Sink<T> {
    @Override
    public void put(Feed<T> from, T resource) {
      HasMetadata trimmed = from.kind().trim(resource, annotations);
      ResourceRef ref = ResourceRef.of(trimmed);
      switch (ref.kind().reading()) {
        case REFERENCED -> unresolve(hold(from, ref, trimmed));
        case BUILT_IN, CUSTOM -> {
          Holdings.Taken taken = ClusterSource.this.put(ref, trimmed);
          toResolve(ref, taken.refused() == null ? trimmed : null);
          unresolve(taken);
        }
      }
    }

    @Override
    public void remove(Feed<T> from, ResourceRef ref) {
      switch (ref.kind().reading()) {
        case REFERENCED -> release(from, ref);
        case BUILT_IN, CUSTOM -> {
          synchronized (ClusterSource.this) {
            holdings.release(ref);
            change(view.without(ref));
          }
          toResolve(ref, null);
        }
      }
    }
  }

  /** Takes our own kinds. */
  private final class UntypedSink implements Feed.Sink<GenericKubernetesResource> {
    @Override
    public void put(Feed<GenericKubernetesResource> from, GenericKubernetesResource resource) {
      switch (CustomResources.read(from.kind(), resource)) {
        case Reading.Whole(HasMetadata whole) -> {
          Holdings.Taken taken;
          synchronized (ClusterSource.this) {
            ResourceRef ref = ResourceRef.of(whole);
            unreadable.remove(ref);
            taken = ClusterSource.this.put(ref, whole);
          }
          unresolve(taken);
        }
        case Reading.Partial partial ->
            unresolve(
                takeRemainder(
                    new ResourceRef(
                        from.kind(),
                        from.kind().namespaced() ? resource.getMetadata().getNamespace() : "",
                        resource.getMetadata().getName()),
                    resource.getMetadata(),
                    partial));
      }
    }

    @Override
    public void remove(Feed<GenericKubernetesResource> from, ResourceRef ref) {
      synchronized (ClusterSource.this) {
        unreadable.remove(ref);
        holdings.release(ref);
        change(view.without(ref));
      }
    }
  }
}
