package dev.longshore.contract;

/**
 * What anybody can make Longshore hold or compute, in one place: bounds that no configuration
 * lifts. Operator and data plane check the same ones, so that nothing that the one translates is
 * refused by the other. What happens at each bound, to whom, and which metric tells it, is in
 * docs/limits.md; a test holds that page against this class.
 *
 * <p>Bounds that users set are fields of {@link Settings}, {@link Policy} and {@link UpstreamPool}.
 */
public final class HardLimits {
  // ---- per rule

  /** Pools that one rule splits its traffic over. */
  public static final int BACKENDS_PER_RULE = 64;

  // ---- per connection

  /**
   * Control frames and small fragments of a client for each message that {@code messagesPerSecond}
   * and {@code messagesBurst} allow it.
   */
  public static final int FRAMES_PER_MESSAGE = 10;

  // ---- per client connection, while it speaks HTTP

  /**
   * What a client has to take of an answer that waits for it, and to send of a body that is waited
   * for, over a minute on average: a modem of 1990 is ten times as fast.
   */
  public static final int LEAST_BYTES_PER_SECOND = 16;

  // ---- per endpoint

  /**
   * Clients that are remembered to have seen an endpoint fail; that many eject it, whatever {@code
   * consecutiveFailures} is.
   */
  public static final int WITNESSES_PER_ENDPOINT = 16;

  // ---- computing

  /**
   * Steps that finding one request's rule may take: instructions of a pattern times the characters
   * that it reads. 4 ms at the worst.
   */
  public static final int MATCH_STEPS = 200_000;

  /** Rules of one path of a host with conditions on headers or the query. */
  public static final int CONDITIONAL_RULES_PER_PATH = 128;

  /**
   * Instructions of all patterns of one host, in paths and conditions, as far as can be told from
   * their text.
   */
  public static final int PATTERN_INSTRUCTIONS_PER_HOST = 16_384;

  // ---- manifests in a folder

  /** Characters of one document; Kubernetes' own objects have a tenth of that at most. */
  public static final int MANIFEST_CHARS = 16 << 20;

  /** Keys and values of one document, aliases expanded. */
  public static final int MANIFEST_VALUES = 1_000_000;

  private HardLimits() {}
}
