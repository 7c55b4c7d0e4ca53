package dev.longshore.proxy.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 64-bit hashes that are the same in every process, so that data planes which never speak to each
 * other agree: the first bytes of a SHA-256. Keys come from clients, and nobody can make up many
 * that collide; a secret would not do more, see {@link Pool#acquire}.
 */
public final class StableHash {
  private StableHash() {}

  /** Of bytes. */
  public static long of(byte[] bytes) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Of a number, by its eight bytes. */
  public static long of(long number) {
    return of(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /** Of text, by its UTF-8. */
  public static long of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * How well a key and a candidate go together, both being hashes: who has the highest weight gets
   * the key (rendezvous hashing). A bijection of their difference (Pelle Evensen's moremur), so no
   * two candidates of different hashes tie.
   */
  public static long weight(long key, long candidate) {
    long x = key ^ candidate;
    x ^= x >>> 27;
    x *= 0x3C79AC492BA7B653L;
    x ^= x >>> 33;
    x *= 0x1C69B3F74AC4AE35L;
    return x ^ x >>> 27;
  }
}
