package dev.longshore.proxy.extauth;

import dev.longshore.proxy.filter.AuthOutcome;
import dev.longshore.proxy.filter.AuthQuestion;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Good answers that still hold, of one event loop; those that nobody has used for longest go first.
 * Keyed by a hash, so that no credential stays here. On one event loop.
 */
final class AuthCache {
  /** What an answer may copy to the upstream, and be kept. */
  private static final int MOST_CHARS = 4096;

  private final Ticker ticker;
  private final Map<Key, Kept> entries;
  private final MessageDigest sha256;

  AuthCache(Ticker ticker, int most) {
    this.ticker = ticker;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
            return size() > most;
          }
        };
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * Of what was asked how; another policy has other answers.
   *
   * @param auth by content: what is asked, and whom
   * @param hash of what the answer depends on
   */
  private record Key(Object auth, Hash hash) {}

  private record Hash(byte... bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Hash that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private record Kept(AuthOutcome.Allowed allowed, long untilNanos) {}

  AuthOutcome.@Nullable Allowed get(AuthQuestion question) {
    String text = question.cacheKey();
    if (text == null) {
      return null;
    }
    Key key = key(question, text);
    Kept entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (entry.untilNanos - ticker.nanoTime() <= 0) {
      entries.remove(key);
      return null;
    }
    return entry.allowed;
  }

  void put(AuthQuestion question, AuthOutcome.Allowed allowed) {
    String text = question.cacheKey();
    int chars = allowed.copied().stream().mapToInt(header -> header.reveal().length()).sum();
    if (text != null && chars <= MOST_CHARS) {
      long until = ticker.nanoTime() + question.auth().cacheTtl().toNanos();
      entries.put(key(question, text), new Kept(allowed, until));
    }
  }

  /** It is not allowed any more. */
  void remove(AuthQuestion question) {
    String text = question.cacheKey();
    if (text != null) {
      entries.remove(key(question, text));
    }
  }

  int size() {
    return entries.size();
  }

  private Key key(AuthQuestion question, String text) {
    return new Key(question.auth(), new Hash(sha256.digest(text.getBytes(StandardCharsets.UTF_8))));
  }
}
