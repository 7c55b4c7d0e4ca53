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
