package dev.longshore.proxy.proof;

import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * What a token that holds says, without what it says: fingerprints of the key that has signed it,
 * of its issuer, its audiences and its claims. Immutable.
 */
public final class TokenFacts {
  /** Of a token that names none. */
  public static final long NONE = 0;

  private static final int OBJECT_BYTES = 112;

  private final String algorithm;
  private final long key;
  private final long keyName;
  private final long issuer;
  private final long expiry;
  private final long[] audiences;
  private final long[] said;

  /**
   * The facts.
   *
   * @param algorithm of its signature
   * @param key of the one that has signed it
   * @param keyName what it says that is called; {@link #NONE}: nothing
   * @param issuer likewise
   * @param expiry when it ends, in seconds of the epoch; {@link Long#MAX_VALUE}: never
   * @param said of its claims, by {@link #claim}
   */
  public TokenFacts(
      String algorithm,
      long key,
      long keyName,
      long issuer,
      long expiry,
      Collection<Long> audiences,
      Collection<Long> said) {
    this.algorithm = algorithm;
    this.key = key;
    this.keyName = keyName;
    this.issuer = issuer;
    this.expiry = expiry;
    this.audiences = sorted(audiences);
    this.said = sorted(said);
  }

  private static long[] sorted(Collection<Long> prints) {
    return prints.stream().mapToLong(Long::longValue).sorted().distinct().toArray();
  }

  /** That a claim is there. */
  public static long claim(String name) {
    return Fingerprint.of("claim", name);
  }

  /** That a claim has a value. */
  public static long claim(String name, String value) {
    return Fingerprint.of("value", name, value);
  }

  /** The algorithm of its signature. */
  public String algorithm() {
    return algorithm;
  }

  /** The key that has signed it. */
  public long key() {
    return key;
  }

  /** What it says that its key is called. */
  public long keyName() {
    return keyName;
  }

  /** When it ends, in seconds of the epoch; {@link Long#MAX_VALUE}: never. */
  public long expiry() {
    return expiry;
  }

  /** Whether it names this issuer. */
  public boolean isBy(String name) {
    return issuer == Fingerprint.of(name);
  }

  /** Whether it is for one of these. */
  public boolean isForOneOf(List<String> names) {
    return names.stream().anyMatch(name -> has(audiences, Fingerprint.of(name)));
  }

  /** Whether it has the claim, and the claim one of the values. */
  public boolean says(RequiredClaim required) {
    return required.values().isEmpty()
        ? has(said, claim(required.name()))
        : required.values().stream().anyMatch(value -> has(said, claim(required.name(), value)));
  }

  private static boolean has(long[] prints, long print) {
    return Arrays.binarySearch(prints, print) >= 0;
  }

  /** About what it takes of the heap. */
  public long bytesOfHeap() {
    return OBJECT_BYTES + (long) Long.BYTES * (audiences.length + said.length);
  }

  /** Nothing of it. */
  @Override
  public String toString() {
    return "TokenFacts";
  }
}
