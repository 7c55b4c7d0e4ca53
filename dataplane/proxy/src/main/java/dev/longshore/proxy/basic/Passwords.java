package dev.longshore.proxy.basic;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.proxy.proof.Fingerprint;
import dev.longshore.proxy.proof.Proof;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The users of a policy, and which of their passwords were right: by a hash with a key of this
 * policy, so none is kept. Who names a user that is none waits as long as the others. Thread-safe.
 */
public final class Passwords {
  private static final String SHA = "{SHA}";
  // Longer ones count as far as htpasswd looks at them.
  private static final BCrypt.Verifyer BCRYPT =
      BCrypt.verifyer(
          BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A));

  private final Map<String, User> users = new HashMap<>();
  private final Set<Proof.Password> lines = new HashSet<>();
  private final String nobodys;
  private final byte[] key = new byte[32];
  private final AtomicReferenceArray<byte @Nullable []> right =
      new AtomicReferenceArray<>(HardLimits.PASSWORDS_REMEMBERED);

  /** The users of a policy that was checked. */
  public Passwords(BasicAuth auth) {
    new SecureRandom().nextBytes(key);
    String slowest = "";
    for (String line : auth.users().reveal().split("\n", -1)) {
      int colon = line.indexOf(':');
      String hash = line.substring(colon + 1);
      // The first line counts, as for other servers.
      String name = latin(line.substring(0, colon));
      if (!users.containsKey(name)) {
        Proof.Password proof = new Proof.Password(Fingerprint.of(name, hash));
        users.put(name, new User(hash, proof));
        lines.add(proof);
      }
      if (slowest.isEmpty() || rank(hash) > rank(slowest)) {
        slowest = hash;
      }
    }
    nobodys = slowest;
  }

  private record User(String hash, Proof.Password proof) {
    @Override
    public String toString() {
      return "User";
    }
  }

  /** What is kept of whose password was right; null: there is no such user. */
  public Proof.@Nullable Password proofOf(String credentials) {
    int colon = credentials.indexOf(':');
    User user = colon < 0 ? null : users.get(credentials.substring(0, colon));
    return user == null ? null : user.proof();
  }

  /**
   * Whether who had the proof is a user, with the same line: another hash may be of the same
   * password, which nobody can tell without it.
   */
  public boolean has(Proof.Password proof) {
    return lines.contains(proof);
  }

  /** Bytes of UTF-8, each as a character: as credentials are read. */
  private static String latin(String name) {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static int rank(String hash) {
    return hash.startsWith(SHA) ? 0 : Integer.parseInt(hash.substring(4, 6));
  }

  /** Whether checking takes so long that no event loop may do it. */
  public boolean takesLong() {
    return rank(nobodys) > 0;
  }

  /**
   * Whether it was right not long ago.
   *
   * @param credentials name and password with a colon between, each byte a character
   */
  public boolean isKnown(String credentials) {
    byte[] hash = keyed(credentials);
    byte[] present = right.get(place(hash));
    return present != null && MessageDigest.isEqual(present, hash);
  }

  /** Whether it is right; takes as long as the hash wants. */
  public boolean check(String credentials) {
    int colon = credentials.indexOf(':');
    if (colon < 0) {
      return false;
    }
    User user = users.get(credentials.substring(0, colon));
    byte[] password = credentials.substring(colon + 1).getBytes(StandardCharsets.ISO_8859_1);
    boolean matches = matches(password, user == null ? nobodys : user.hash());
    if (!matches || user == null) {
      return false;
    }
    byte[] keyed = keyed(credentials);
    right.set(place(keyed), keyed);
    return true;
  }

  private static boolean matches(byte[] password, String hash) {
    if (hash.startsWith(SHA)) {
      byte[] wanted = Base64.getDecoder().decode(hash.substring(SHA.length()));
      return MessageDigest.isEqual(wanted, digest("SHA-1").digest(password));
    }
    return BCRYPT.verify(password, hash.getBytes(StandardCharsets.ISO_8859_1)).verified;
  }

  private byte[] keyed(String credentials) {
    MessageDigest sha = digest("SHA-256");
    sha.update(key);
    return sha.digest(credentials.getBytes(StandardCharsets.ISO_8859_1));
  }

  private int place(byte[] hash) {
    return ((hash[0] & 0xff) << 8 | hash[1] & 0xff) % right.length();
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has " + algorithm, e);
    }
  }
}
