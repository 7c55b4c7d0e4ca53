package dev.longshore.contract;

/**
 * What anybody can make Longshore hold or compute, in one place: bounds that no configuration lifts.
 * Operator and data plane check the same ones, so that nothing that the one translates is refused
 * by the other. What happens at each bound, to whom, and which metric tells it, is in
 * docs/limits.md; a test holds that page against this class.
 *
 * <p>Bounds that users set are fields of {@link Settings}, {@link Policy} and {@link UpstreamPool}.
 */
public final class HardLimits {
  // ---- per rule

  /** Pools that one rule splits its traffic over. */
  public static final int BACKENDS_PER_RULE = 64;

  // ---- per certificate and key

  /** The shortest RSA key that is taken, in bits: shorter ones no client accepts. */
  public static final int RSA_KEY_BITS_LEAST = 2048;

  /** The longest, in bits: a signature by one of 8,192 keeps an event loop for 39 ms. */
  public static final int RSA_KEY_BITS = 4096;

  /** DER of one certificate. */
  public static final int CERTIFICATE_BYTES = 16_384;

  /** Certificates of a chain, the leaf among them. */
  public static final int CHAIN_CERTIFICATES = 10;

  /** Certificates that the endpoints of one upstream are verified by. */
  public static final int TRUSTED_CERTIFICATES = 512;

  /** PEM of an upstream's trusted certificates together, in characters. */
  public static final int TRUSTED_CHARS = 262_144;

  // ---- per resource

  /** Different credentials of the upstreams of one route or Ingress together, in characters. */
  public static final int CREDENTIALS_PER_RESOURCE = 1_048_576;

  // ---- per message

  /** Credentials written into pools, in a message to data planes that know no other way. */
  public static final int INLINE_CREDENTIALS = 33_554_432;

  // ---- per process

  /** Entries that are held back because a data plane refused them. */
  public static final int HELD_ENTRIES = 4096;

  private HardLimits() {}
}
