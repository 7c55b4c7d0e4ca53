package dev.longshore.proxy.jwt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were found good, by a hash with a key of this process: none is kept. Each hash has
 * one place, which the last one has that was found good; nobody can choose who is pushed out. Only
 * good ones are kept, so that what anybody can send pushes out nothing. Thread-safe, without locks.
 */
final class TokenCache {
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(TokenCache::digest);

  private final byte[] secret = new byte[32];
  private final AtomicReferenceArray<@Nullable Entry> places;

  /** Remembers at most so many; a power of two. */
  TokenCache(int most) {
    if (Integer.bitCount(most) != 1) {
      throw new IllegalArgumentException(most + " is not a power of two");
    }
    new SecureRandom().nextBytes(secret);
    places = new AtomicReferenceArray<>(most);
  }

  /** The hash of a token. */
  record Key(byte... hash) {
    private int place(int places) {
      return ((hash[0] & 0xff) << 24
              | (hash[1] & 0xff) << 16
              | (hash[2] & 0xff) << 8
              | hash[3] & 0xff)
          & (places - 1);
    }
  }

  private record Entry(byte[] hash, TokenVerdict.Good good) {}

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  Key keyOf(String token) {
    MessageDigest sha = SHA_256.get();
    sha.update(secret);
    return new Key(sha.digest(token.getBytes(StandardCharsets.ISO_8859_1)));
  }

  TokenVerdict.@Nullable Good get(Key key) {
    Entry entry = places.get(key.place(places.length()));
    return entry != null && MessageDigest.isEqual(entry.hash, key.hash()) ? entry.good : null;
  }

  void put(Key key, TokenVerdict.Good good) {
    places.set(key.place(places.length()), new Entry(Arrays.copyOf(key.hash(), 32), good));
  }
}
