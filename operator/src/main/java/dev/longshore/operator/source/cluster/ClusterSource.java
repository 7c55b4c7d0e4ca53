package dev.longshore.operator.source.cluster;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
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

  /** How often it is looked whether there is room for what isn't held. */
  static final Duration REREAD = Duration.ofSeconds(5);

  private static final int REREAD_AT_ONCE = 16;

  private final Scope scope;
  private final ClusterView held;
  private final Part informers;
  private final List<Feed<?>> bulk;

  /** Guarded by {@link #held}, as what is followed. */
  private final NamedFeeds named;

  private final @Nullable ExternalNames externalNames;
  private final CompletableFuture<Void> synced;

  private final ScheduledExecutorService rereading =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("rereading").daemon().factory());

  private PersistentMap<ResourceRef, ResourceRef> followed = PersistentMap.empty();

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
    this.scope = scope;
    this.informers = watch.part("informers");
    this.held = new ClusterView(holdings, onChange, this::deliveryChanged);
    this.externalNames =
        resolveExternalNames
            ? new ExternalNames(held::resolved, watch.part("external-names"))
            : null;
    FeedFactory factory =
        new FeedFactory(
            client,
            scope,
            new BuiltInSink(held, this::resolve, annotations),
            new CustomSink(held, this::resolve),
            informers);
    this.named = new NamedFeeds(factory::named, this::inBulk, held::forget);
    this.bulk = new ArrayList<>(factory.bulk());
    if (scope.home() != null) {
      // Translated without the record, hosts would go to the oldest objects that claim them.
      bulk.addAll(new TenureFeeds(client, scope.home(), held::tenures, informers).feeds());
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
  public List<Holdings.Share> shares() {
    return held.shares();
  }

  /** The resources as they are now. */
  public View view() {
    return held.view();
  }

  /** Sets where Longshore itself listens. */
  public void own(OwnAddresses addresses) {
    held.own(addresses);
  }

  /** Announces every change from now on, and what there is now. To be called once synced. */
  public void announce() {
    held.announce();
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
    synchronized (held) {
      if (held.isClosed()) {
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
    synchronized (held) {
      held.close();
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
      held.fitting(REREAD_AT_ONCE).forEach(this::reread);
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

  private List<Feed<?>> feeds() {
    List<Feed<?>> all = new ArrayList<>(bulk);
    synchronized (held) {
      named.all().forEach(all::add);
    }
    return all;
  }

  private boolean inBulk(ResourceRef ref) {
    return held.holders(ref).stream().anyMatch(bulk::contains);
  }

  private void deliveryChanged(ResourceRef ref) {
    named.deliveryChanged(ref);
  }

  private void resolve(ResourceRef ref, @Nullable HasMetadata service) {
    if (externalNames != null && ref.kind() == Kind.SERVICE) {
      externalNames.service(ref, (Service) service);
    }
  }
}
