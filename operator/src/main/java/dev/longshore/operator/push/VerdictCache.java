package dev.longshore.operator.push;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The verdicts of recent tokens, by a hash of the token. Bounded; for any thread. */
final class VerdictCache {
  static final int MAX = 1024;

  private final Clock clock;
  private final Map<String, Kept> verdicts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
          return size() > MAX;
        }
      };

  private record Kept(TokenVerdict verdict, Instant until) {}

  VerdictCache(Clock clock) {
    this.clock = clock;
  }

  synchronized @Nullable TokenVerdict get(String hash) {
    Kept kept = verdicts.get(hash);
    if (kept != null && !clock.instant().isBefore(kept.until)) {
      verdicts.remove(hash);
      return null;
    }
    return kept == null ? null : kept.verdict;
  }

  synchronized void put(String hash, TokenVerdict verdict, Instant until) {
    if (clock.instant().isBefore(until)) {
      verdicts.put(hash, new Kept(verdict, until));
    }
  }

  synchronized int size() {
    return verdicts.size();
  }
}
