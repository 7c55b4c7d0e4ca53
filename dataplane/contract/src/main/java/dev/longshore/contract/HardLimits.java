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

  private HardLimits() {}
}
