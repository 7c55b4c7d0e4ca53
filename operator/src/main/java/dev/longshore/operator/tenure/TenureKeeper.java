package dev.longshore.operator.tenure;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.TenureRecord;
import dev.longshore.operator.source.View;
import dev.longshore.operator.store.KeeperThread;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down, while this replica leads, whom hosts belong to. Every replica reads the record and
 * translates with it; so nothing of it is decided here but when: what was translated without an
 * entry that is there by now is not written.
 *
 * <p>Thread-safe; what is slow is done on a thread of its own.
 */
public final class TenureKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TenureKeeper.class);

  /** After a change, for those that come with it. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

  /** A clock that is set, or a timer that is late, is noticed by then. */
  private static final Duration PERIOD = Duration.ofSeconds(30);

  private static final int REMEMBERED = 1000;

  private final TenureStore store;
  private final BooleanSupplier leads;
  private final Listener listener;
  private final Clock clock;
  private final Counter changes;
  private final KeeperThread thread = new KeeperThread("host-tenures", this::attempt);
  private volatile @Nullable Known latest;

  // What follows is confined to the thread.
  private @Nullable Known seen;
  private final Set<String> dirty = new HashSet<>();
  private final Set<String> kept = new HashSet<>();
  private final Map<String, Set<String>> full = new HashMap<>();
  private final Map<String, String> former =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };
  private volatile int unrecorded;

  /** Hears what was written, on the keeper's thread. */
  @FunctionalInterface
  public interface Listener {
    /** A host belongs to another namespace than before: to that of {@code to}. */
    void ownerChanged(String host, String from, ResourceRef to);
  }

  /** What was translated, and what of. */
  private record Known(
      PersistentMap<String, HostTenure> tenures,
      PersistentMap<String, ResourceRef> holders,
      Duration grace) {}

  /**
   * Does nothing before something was judged.
   *
   * @param leads whether this replica may write now
   */
  public TenureKeeper(
      TenureStore store, BooleanSupplier leads, Listener listener, MeterRegistry meters) {
    this(store, leads, listener, meters, Clock.systemUTC());
  }

  TenureKeeper(
      TenureStore store,
      BooleanSupplier leads,
      Listener listener,
      MeterRegistry meters,
      Clock clock) {
    this.store = store;
    this.leads = leads;
    this.listener = listener;
    this.clock = clock;
    this.changes =
        Counter.builder("longshore.operator.host.owner.changes")
            .description("Hosts that were given from one namespace to another")
            .register(meters);
    Gauge.builder("longshore.operator.hosts.recorded", this, TenureKeeper::recorded)
        .description("Hosts of which it is recorded whom they belong to")
        .register(meters);
    Gauge.builder("longshore.operator.hosts.unrecorded", this, keeper -> keeper.unrecorded)
        .description("Hosts that the record has no room for: the age of objects decides")
        .register(meters);
    thread.every(PERIOD, PERIOD);
  }

  /** Has it told of what fails but for the API server. */
  public void watch(Part watched) {
    thread.watch(watched);
  }

  /** A view was translated. Returns at once. */
  public void judged(View view, Translation translation) {
    Known before = latest;
    Known now =
        new Known(view.surroundings().tenures(), translation.holders(), translation.grace());
    latest = now;
    if (before == null
        || before.tenures != now.tenures
        || before.holders != now.holders
        || !before.grace.equals(now.grace)) {
      thread.soon(PAUSE);
    }
  }

  /** This replica leads now. */
  public void lead() {
    thread.soon(Duration.ZERO);
  }

  @Override
  public void close() {
    thread.close();
  }

  private int recorded() {
    Known known = latest;
    return known == null ? 0 : known.tenures.size();
  }

  private void attempt() {
    try {
      tend();
    } catch (RuntimeException | Error e) {
      // An Error, too: it would end all later attempts in silence.
      if (e instanceof KubernetesClientException) {
        log.warn(
            "whom hosts belong to could not be recorded, which is tried again: {}", e.toString());
      } else {
        thread.part().fault("whom hosts belong to could not be recorded, which is tried again", e);
      }
      thread.soon(PAUSE_AFTER_FAILURE);
    }
  }

  private void tend() {
    Known known = latest;
    if (known == null) {
      return;
    }
    if (!leads.getAsBoolean()) {
      // Another one writes: who leads again looks at everything.
      seen = null;
      dirty.clear();
      kept.clear();
      full.clear();
      unrecorded = 0;
      return;
    }
    collect(known);
    Instant now = clock.instant();
    Map<String, List<String>> parts = new TreeMap<>();
    for (Set<String> group : List.of(dirty, kept)) {
      for (String host : group) {
        if (!Objects.equals(
            next(known, host, known.tenures.get(host), now), known.tenures.get(host))) {
          parts.computeIfAbsent(TenureRecord.name(host), part -> new ArrayList<>()).add(host);
        }
      }
    }
    dirty.clear();
    boolean again = false;
    for (Map.Entry<String, List<String>> part : parts.entrySet()) {
      if (!write(known, part.getKey(), new HashSet<>(part.getValue()), now)) {
        dirty.addAll(part.getValue());
        again = true;
      }
    }
    unrecorded = full.values().stream().mapToInt(Set::size).sum();
    if (again) {
      thread.soon(PAUSE_AFTER_FAILURE);
    }
    wake(known, now);
  }

  /** Notes what has changed since the last time. */
  private void collect(Known known) {
    Known before = seen;
    seen = known;
    if (before == null) {
      known.holders.forEach((host, holder) -> dirty.add(host));
      known.tenures.forEach((host, tenure) -> dirty.add(host));
      before = new Known(PersistentMap.empty(), known.holders, known.grace);
    }
    before.holders.diff(known.holders, (host, a, b) -> dirty.add(host));
    before.tenures.diff(
        known.tenures,
        (host, a, b) -> {
          dirty.add(host);
          if (b != null && b.until() != null) {
            kept.add(host);
          } else {
            kept.remove(host);
          }
          if (b == null) {
            dirty.addAll(full.getOrDefault(TenureRecord.name(host), Set.of()));
          }
        });
  }

  private static @Nullable HostTenure next(
      Known known, String host, @Nullable HostTenure current, Instant now) {
    ResourceRef holder = known.holders.get(host);
    return Tenures.next(current, holder == null ? null : holder.namespace(), known.grace, now);
  }

  /** Whether everything was written that can be; else it is to be tried again. */
  private boolean write(Known known, String part, Collection<String> hosts, Instant now) {
    TenureStore.Part present = store.read(part);
    TenureEdit edit = new TenureEdit(present.data());
    Set<String> noRoom = full.computeIfAbsent(part, added -> new HashSet<>());
    noRoom.removeAll(hosts);
    List<Runnable> news = new ArrayList<>();
    boolean complete = true;
    for (String host : hosts) {
      HostTenure recorded = edit.get(host);
      if (!Objects.equals(recorded, known.tenures.get(host))) {
        complete = false; // what was translated doesn't know it yet
        continue;
      }
      HostTenure next = next(known, host, recorded, now);
      if (!edit.put(host, next)) {
        noRoom.add(host);
        continue;
      }
      news.add(() -> tell(host, recorded, next, known.holders.get(host)));
    }
    if (noRoom.isEmpty()) {
      full.remove(part);
    } else {
      log.warn("ConfigMap {} has no room for {} more hosts", part, noRoom.size());
    }
    if (!edit.isEmpty()) {
      try {
        if (!store.write(part, present, edit.data())) {
          return false;
        }
      } catch (KubernetesClientException e) {
        log.warn("ConfigMap {} can't be written, which is tried again: {}", part, e.getMessage());
        return false;
      }
      news.forEach(Runnable::run);
    }
    return complete;
  }

  private void tell(
      String host,
      @Nullable HostTenure before,
      @Nullable HostTenure now,
      @Nullable ResourceRef holder) {
    if (now == null && before != null) {
      former.put(host, before.namespace());
      return;
    }
    String from = before != null ? before.namespace() : former.remove(host);
    if (now != null && holder != null && from != null && !from.equals(now.namespace())) {
      changes.increment();
      log.info("host {} belongs to namespace {} now, before to {}", host, now.namespace(), from);
      listener.ownerChanged(host, from, holder);
    }
  }

  /** Comes back when the first host is kept no more. */
  private void wake(Known known, Instant now) {
    Instant first = null;
    for (String host : kept) {
      HostTenure tenure = known.tenures.get(host);
      Instant until = tenure == null ? null : tenure.until();
      if (until != null && (first == null || until.isBefore(first))) {
        first = until;
      }
    }
    if (first != null && first.isBefore(now.plus(PERIOD))) {
      thread.after(max(PAUSE, Duration.between(now, first)));
    }
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }
}
