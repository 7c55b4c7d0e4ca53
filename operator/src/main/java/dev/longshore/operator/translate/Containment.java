package dev.longshore.operator.translate;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.verdict.Faults;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a fault of ours at one resource from being everybody's. A translation that throws may have
 * left anything half done: the same view is translated from nothing. If that fails too, whatever
 * was being worked on is held back, more and more of it; if that can't be told, what has changed
 * since the last view that went well is tried by halves. Who is held back is free when it changes.
 *
 * <p>Only for what throws outside of reading a resource, which is caught where it is read. Not
 * thread-safe.
 *
 * @param <A> what translates
 */
final class Containment<A extends Containment.Attempt> {
  /** From nothing, for one view. */
  private static final int MOST_ATTEMPTS = 128;

  private final Function<Containment<A>, A> fresh;
  private final Faults faults;
  private final Map<ResourceRef, Held> held = new HashMap<>();
  private A current;
  private View good = View.EMPTY;
  private int attempts;

  /** Something that translates views one after the other, until it throws. */
  interface Attempt {
    Translation translate(View view);

    /** What it was at when it threw; null: nothing of its own. */
    @Nullable ResourceRef working();
  }

  /** How much of a resource is held back. */
  enum Level {
    /** Its rules are closed, in their places. */
    CLOSED,
    /** It has no rules. */
    WITHOUT_RULES,
    /** It isn't looked at. */
    UNSEEN
  }

  /**
   * A resource that is held back.
   *
   * @param content as it was then: another object is another chance
   */
  private record Held(@Nullable HasMetadata content, Level level) {}

  /**
   * Nothing is held back yet.
   *
   * @param fresh makes one that has seen nothing, and asks for {@link #level}
   */
  Containment(Function<Containment<A>, A> fresh, Faults faults) {
    this.fresh = fresh;
    this.faults = faults;
    this.current = fresh.apply(this);
  }

  A current() {
    return current;
  }

  /** How much of a resource is held back; null: nothing. */
  @Nullable Level level(ResourceRef ref) {
    Held known = held.get(ref);
    return known == null ? null : known.level;
  }

  /** What is held back. */
  Set<ResourceRef> held() {
    return Set.copyOf(held.keySet());
  }

  /** What the view means; throws only what has nothing to do with any one resource. */
  Translation translate(View view) {
    held.entrySet()
        .removeIf(
            entry -> {
              HasMetadata now = view.get(entry.getKey());
              return now == null || entry.getValue().content != now;
            });
    attempts = 0;
    Translation translation;
    try {
      translation = current.translate(view);
    } catch (RuntimeException | Error e) {
      faults.failed(current.working(), e);
      translation = anew(view);
    }
    good = view;
    return translation;
  }

  private Translation anew(View view) {
    while (true) {
      current = fresh.apply(this);
      try {
        return current.translate(view);
      } catch (RuntimeException | Error e) {
        ResourceRef guilty = current.working();
        faults.failed(guilty, e);
        if (e instanceof OutOfMemoryError || ++attempts > MOST_ATTEMPTS) {
          // Who has the bad luck to be worked on is not to blame for want of memory.
          throw e;
        }
        if (guilty == null || !holdMore(guilty, view)) {
          Translation translation = withoutSuspects(view, e);
          if (translation == null) {
            throw e;
          }
          return translation;
        }
      }
    }
  }

  private boolean holdMore(ResourceRef ref, View view) {
    Level before = level(ref);
    if (before == Level.UNSEEN) {
      return false;
    }
    Level next = before == null ? Level.CLOSED : Level.values()[before.ordinal() + 1];
    held.put(ref, new Held(view.get(ref), next));
    return true;
  }

  /** Null: whatever is held back, it fails. */
  private @Nullable Translation withoutSuspects(View view, Throwable cause) {
    List<ResourceRef> suspects = changed(view);
    if (suspects.isEmpty() || attempt(view, suspects) == null) {
      return null;
    }
    while (suspects.size() > 1) {
      int half = suspects.size() / 2;
      List<ResourceRef> first = suspects.subList(0, half);
      List<ResourceRef> second = suspects.subList(half, suspects.size());
      if (attempt(view, first) != null) {
        suspects = first;
      } else if (attempt(view, second) != null) {
        suspects = second;
      } else {
        break;
      }
    }
    for (ResourceRef ref : suspects) {
      faults.failed(ref, cause);
    }
    hold(view, suspects);
    current = fresh.apply(this);
    return current.translate(view);
  }

  /** What comes out when these have no rules; null: nothing does. */
  private @Nullable Translation attempt(View view, Collection<ResourceRef> without) {
    Map<ResourceRef, Held> before = Map.copyOf(held);
    hold(view, without);
    try {
      current = fresh.apply(this);
      return current.translate(view);
    } catch (RuntimeException | Error e) {
      faults.failed(null, e);
      return null;
    } finally {
      held.clear();
      held.putAll(before);
    }
  }

  private void hold(View view, Collection<ResourceRef> all) {
    for (ResourceRef ref : all) {
      held.put(ref, new Held(view.get(ref), Level.WITHOUT_RULES));
    }
  }

  private List<ResourceRef> changed(View view) {
    Set<ResourceRef> changed = new TreeSet<>();
    for (Kind kind : Kind.routing()) {
      addChanged(good.of(kind), view.of(kind), changed);
    }
    addChanged(good.refused(), view.refused(), changed);
    addChanged(good.surroundings().places(), view.surroundings().places(), changed);
    changed.removeIf(ref -> view.get(ref) == null || held.containsKey(ref));
    return new ArrayList<>(changed);
  }

  private static <V> void addChanged(
      PersistentMap<ResourceRef, V> before,
      PersistentMap<ResourceRef, V> now,
      Set<ResourceRef> changed) {
    before.diff(now, (ref, a, b) -> changed.add(ref));
  }
}
