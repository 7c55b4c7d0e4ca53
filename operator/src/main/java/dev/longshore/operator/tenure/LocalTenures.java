package dev.longshore.operator.tenure;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of one process, in its memory: whoever has a host keeps it whatever is edited, until
 * the process ends. Then the folder decides anew, by who stands there first.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LocalTenures {
  private static final Logger log = LoggerFactory.getLogger(LocalTenures.class);

  /** One lets a host go, the next gives it to who waits, one finds that nothing changes. */
  private static final int MOST_ROUNDS = 4;

  private final Function<View, Translation> translate;
  private final OwnAddresses own;
  private final Clock clock;
  private PersistentMap<String, HostTenure> tenures = PersistentMap.empty();
  private PersistentMap<String, ResourceRef> holders = PersistentMap.empty();
  private final Set<String> kept = new HashSet<>();

  /**
   * A record of nothing yet.
   *
   * @param translate what a view means
   * @param own where the process itself listens
   */
  public LocalTenures(Function<View, Translation> translate, OwnAddresses own) {
    this(translate, own, Clock.systemUTC());
  }

  LocalTenures(Function<View, Translation> translate, OwnAddresses own, Clock clock) {
    this.translate = translate;
    this.own = own;
    this.clock = clock;
  }

  /** What a view means with the record, which goes on with it. */
  public Translation translate(View view) {
    for (int round = 1; ; round++) {
      Translation translation =
          translate.apply(view.in(view.surroundings().with(tenures).with(own)));
      if (!settle(translation) || round == MOST_ROUNDS) {
        return translation;
      }
    }
  }

  /** When the first host that is kept for somebody is kept no more; null: none is. */
  public @Nullable Instant nextEnd() {
    Instant first = null;
    for (String host : kept) {
      HostTenure tenure = tenures.get(host);
      Instant until = tenure == null ? null : tenure.until();
      if (until != null && (first == null || until.isBefore(first))) {
        first = until;
      }
    }
    return first;
  }

  private boolean settle(Translation translation) {
    Set<String> changed = new HashSet<>(kept);
    holders.diff(translation.holders(), (host, before, now) -> changed.add(host));
    holders = translation.holders();
    PersistentMap<String, HostTenure> before = tenures;
    Instant now = clock.instant();
    for (String host : changed) {
      ResourceRef holder = holders.get(host);
      HostTenure current = tenures.get(host);
      HostTenure next =
          Tenures.next(
              current, holder == null ? null : holder.namespace(), translation.grace(), now);
      tenures = next == null ? tenures.without(host) : tenures.with(host, next);
      if (next != null && next.until() != null) {
        kept.add(host);
      } else {
        kept.remove(host);
      }
      if (current != null && next != null && !next.namespace().equals(current.namespace())) {
        log.info(
            "host {} belongs to namespace {} now, before to {}",
            host,
            next.namespace(),
            current.namespace());
      }
    }
    return tenures != before;
  }
}
