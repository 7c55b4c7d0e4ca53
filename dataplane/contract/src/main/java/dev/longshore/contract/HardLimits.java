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

  // ---- probes of endpoints

  /** Between two probes of one endpoint; a pool that asks for less gets this, in milliseconds. */
  public static final int PROBE_INTERVAL_MILLIS = 1000;

  /** Probes that an event loop begins in a second. */
  public static final int PROBES_PER_SECOND = 500;

  /** Of these, probes of the pools of one namespace. */
  public static final int PROBES_PER_SECOND_OF_NAMESPACE = 125;

  /** Probes that an event loop has open at once. */
  public static final int PROBES_OPEN = 500;

  /** Of these, probes of the pools of one namespace. */
  public static final int PROBES_OPEN_OF_NAMESPACE = 125;

  /** For how many probes in a second one counts that needs a TLS handshake. */
  public static final int PROBE_COST_OF_TLS = 4;

  private HardLimits() {}
}
