package dev.longshore.proxy.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Hashes with a key that this process makes for itself: equal texts have equal ones, and of one
 * nobody who has not the key can tell by trying which text it is of. 64 bits: two of one tunnel are
 * compared with the few of a policy, so that one in 10^17 is wrong.
 */
public final class Fingerprint {
  private static final byte[] KEY = key();
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(Fingerprint::digest);

  private Fingerprint() {}

  private static byte[] key() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return key;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** That of several texts, in this order. */
  public static long of(String... texts) {
    MessageDigest sha = SHA_256.get();
    sha.update(KEY);
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      // With its length, so that where one ends is part of what is hashed.
      sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
      sha.update(bytes);
    }
    return ByteBuffer.wrap(sha.digest()).getLong();
  }
}
