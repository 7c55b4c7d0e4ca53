package dev.longshore.operator.source.cluster;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Stub;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.cluster.CustomResources.Reading;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view as feeds fill it: what there is room for, which feeds have a resource that several may
 * deliver, and what of a resource counts that can't be read in full.
 *
 * <p>Thread-safe; who follows resources by name does so under the lock of this too.
 */
final class ClusterView {
  private static final Logger log = LoggerFactory.getLogger(ClusterView.class);

  private static final Holdings.Taken NOTHING_TAKEN = new Holdings.Taken(null, Map.of());

  private final Holdings holdings;
  private final Consumer<View> onChange;
  private final Consumer<ResourceRef> deliveryChanged;

  /** Which feeds have a Secret: it may be watched by its type, by its label, and by its name. */
  private final Map<ResourceRef, Map<Feed<?>, HasMetadata>> holders = new HashMap<>();

  /** Resources of our own kinds that can't be read in full, and why. */
  private final Map<ResourceRef, String> unreadable = new HashMap<>();

  private View view = View.EMPTY;
  private boolean announcing;
  private boolean closed;

  /**
   * An empty one.
   *
   * @param onChange hears of every view that says something else than the one before, under the
   *     lock of this
   * @param deliveryChanged hears, under the lock of this, when feeds of a resource become more or
   *     less
   */
  ClusterView(Holdings holdings, Consumer<View> onChange, Consumer<ResourceRef> deliveryChanged) {
    this.holdings = holdings;
    this.onChange = onChange;
    this.deliveryChanged = deliveryChanged;
  }

  synchronized View view() {
    return view;
  }

  /** Announces every change from now on, and what there is now. */
  synchronized void announce() {
    announcing = true;
    onChange.accept(view);
  }

  /** Takes and announces nothing more. */
  synchronized void close() {
    closed = true;
    announcing = false;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized List<Holdings.Share> shares() {
    return holdings.shares();
  }

  /** What isn't held, and for which there is room by now. */
  synchronized List<ResourceRef> fitting(int most) {
    return holdings.fitting(most);
  }

  /** The feeds that have a resource which several may deliver. */
  synchronized Set<Feed<?>> holders(ResourceRef ref) {
    return Set.copyOf(holders.getOrDefault(ref, Map.of()).keySet());
  }

  /** Sets where Longshore itself listens. */
  synchronized void own(OwnAddresses addresses) {
    change(view.in(view.surroundings().with(addresses)));
  }

  /** Sets whom hosts belong to: those of before are replaced by those of now. */
  synchronized void tenures(Map<String, HostTenure> before, Map<String, HostTenure> now) {
    PersistentMap<String, HostTenure> tenures = view.surroundings().tenures();
    for (String host : before.keySet()) {
      tenures = now.containsKey(host) ? tenures : tenures.without(host);
    }
    for (Map.Entry<String, HostTenure> entry : now.entrySet()) {
      tenures = tenures.with(entry.getKey(), entry.getValue());
    }
    change(view.in(view.surroundings().with(tenures)));
  }

  /** Sets what the name of a Service resolves to; null: nothing any more. */
  synchronized void resolved(ResourceRef ref, @Nullable EndpointSlice slice) {
    if (!closed) {
      change(slice == null ? view.without(ref) : view.with(slice));
    }
  }

  /** A resource that one feed alone delivers is gone. */
  synchronized void remove(ResourceRef ref) {
    unreadable.remove(ref);
    holdings.release(ref);
    change(view.without(ref));
  }

  private void change(View next) {
    if (next == view) {
      return;
    }
    view = next;
    if (announcing) {
      onChange.accept(next);
    }
  }

  /** Takes a resource that one feed alone delivers. */
  synchronized Holdings.Taken put(ResourceRef ref, HasMetadata resource) {
    unreadable.remove(ref);
    Holdings.Taken taken = holdings.take(ref, resource);
    String refused = taken.refused();
    View next = without(taken.gone());
    change(refused == null ? next.with(resource) : next.withoutRoom(resource, refused));
    return taken;
  }

  /** Takes a resource that several feeds may deliver; the newest counts. */
  synchronized Holdings.Taken hold(Feed<?> feed, ResourceRef ref, HasMetadata resource) {
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
    deliveryChanged.accept(ref);
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

  /** A feed has it no more. */
  synchronized void release(Feed<?> feed, ResourceRef ref) {
    forget(feed, ref);
    deliveryChanged.accept(ref);
  }

  /** As {@link #release}, of a feed whose end whoever follows by name knows of. */
  synchronized void forget(Feed<?> feed, ResourceRef ref) {
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

  /**
   * Takes what could be read of a resource that can't be read in full. One that could be read
   * before at the same generation stays as it was.
   */
  synchronized Holdings.Taken putPartial(
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
}
