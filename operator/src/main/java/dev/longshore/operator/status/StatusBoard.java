package dev.longshore.operator.status;

import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.upstream.FixedEndpoints;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows what is to be said about every resource: brings together the verdicts of the last view and
 * what the data planes have of it. Kept on every replica, so that a new leader can write at once.
 *
 * <p>Thread-safe. Listeners are called on the thread that brought the news, outside the lock.
 */
public final class StatusBoard {
  private final Consumer<Collection<ResourceRef>> onNews;
  private final AckTracker programming = new AckTracker();
  private final Map<ResourceRef, Judged> judged = new HashMap<>();

  /** Served here once, and not any more: what was said about them is to be taken back. */
  private final Set<ResourceRef> withdrawn = new HashSet<>();

  private View view = View.EMPTY;
  private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();
  private PersistentMap<EndpointSetKey, EndpointSet> endpoints = PersistentMap.empty();

  /** Null until it is known what data planes there are: before that nothing is said. */
  private @Nullable DataPlanes dataPlanes;

  private record Judged(String uid, long generation, Verdict verdict, long since) {}

  /**
   * @param onNews hears of the resources about which something else is to be said now
   */
  public StatusBoard(Consumer<Collection<ResourceRef>> onNews) {
    this.onNews = onNews;
  }

  /**
   * A snapshot was published; before what was judged with it. At a cost proportional to what
   * changed since the one before.
   */
  public synchronized void published(long sequence, RoutingSnapshot snapshot) {
    boolean fixed =
        changed(endpoints, snapshot.endpointSets()).stream().anyMatch(FixedEndpoints::are);
    endpoints = snapshot.endpointSets();
    programming.published(sequence, snapshot.version(), fixed);
  }

  private static List<EndpointSetKey> changed(
      PersistentMap<EndpointSetKey, EndpointSet> before,
      PersistentMap<EndpointSetKey, EndpointSet> now) {
    List<EndpointSetKey> changed = new ArrayList<>();
    before.diff(now, (key, a, b) -> changed.add(key));
    return changed;
  }

  /** A view was translated, at a cost proportional to what changed since the one before. */
  public void judged(View now, Translation translation) {
    Set<ResourceRef> changed = new HashSet<>();
    synchronized (this) {
      for (Kind kind : Kind.withStatus()) {
        view.of(kind).diff(now.of(kind), (ref, a, b) -> changed.add(ref));
      }
      verdicts.diff(
          translation.verdicts(),
          (ref, a, b) -> {
            if (ref.kind().hasStatus()) {
              changed.add(ref);
            }
          });
      view = now;
      verdicts = translation.verdicts();
      changed.forEach(this::judge);
      changed.addAll(programming.settle());
    }
    tell(changed);
  }

  /** The data planes, or what they have, are others than before. */
  public void dataPlanes(DataPlanes now) {
    Set<ResourceRef> changed;
    synchronized (this) {
      DataPlanes before = dataPlanes;
      boolean moved = before == null || !now.addresses().equals(before.addresses());
      boolean came = before == null || before.ready().isEmpty() != now.ready().isEmpty();
      dataPlanes = now;
      changed = new HashSet<>(programming.dataPlanes(now));
      if (moved || came) {
        changed.addAll(judged.keySet());
      }
    }
    tell(changed);
  }

  /** Everything that something is to be said about. */
  public synchronized List<ResourceRef> all() {
    List<ResourceRef> all = new ArrayList<>(judged.keySet());
    all.addAll(withdrawn);
    return all;
  }

  /** What is to be said; null when it isn't known yet, or isn't ours to say. */
  synchronized @Nullable Finding find(ResourceRef ref) {
    Judged known = judged.get(ref);
    Progress progress = programming.progress(ref);
    DataPlanes there = dataPlanes;
    return known == null || progress == null || there == null
        ? null
        : new Finding(
            known.uid,
            known.generation,
            known.verdict,
            progress,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - known.since),
            there.addresses());
  }

  /** An earlier leader saw that generation programmed. */
  synchronized void adopt(ResourceRef ref, String uid, long generation) {
    programming.adopt(ref, uid, generation);
  }

  /** Whether what was said is to be taken back; true once. */
  synchronized boolean takeWithdrawn(ResourceRef ref) {
    return withdrawn.remove(ref);
  }

  private void judge(ResourceRef ref) {
    HasMetadata resource = view.get(ref);
    Verdict verdict = verdicts.get(ref);
    if (resource == null) {
      judged.remove(ref);
      withdrawn.remove(ref);
      programming.remove(ref);
      return;
    }
    if (verdict == null || verdict.conditions().isEmpty()) {
      programming.remove(ref);
      if (judged.remove(ref) != null) {
        withdrawn.add(ref);
      }
      return;
    }
    withdrawn.remove(ref);
    String uid = Objects.requireNonNullElse(resource.getMetadata().getUid(), "");
    long generation = Objects.requireNonNullElse(resource.getMetadata().getGeneration(), 0L);
    Judged before = judged.get(ref);
    long since =
        before != null && before.uid.equals(uid) && before.generation == generation
            ? before.since
            : System.nanoTime();
    judged.put(ref, new Judged(uid, generation, verdict, since));
    programming.judged(ref, uid, generation);
  }

  private void tell(Set<ResourceRef> changed) {
    if (!changed.isEmpty()) {
      onNews.accept(changed);
    }
  }
}
