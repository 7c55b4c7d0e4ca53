package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.RequestRate;
import java.util.List;

/** How often a client may make plain requests. */
public final class RequestRateReader implements PartReader {
  /** In a second, of one client. */
  public static final Leaf<Integer, Integer> PER_SECOND =
      Leaf.closing(
          "limits.requestsPerSecondPerClient",
          "requests-per-second",
          Leaf.Getter.in(Policy::limits, Policy.Limits::requestsPerSecondPerClient),
          WholeNumber.limit(1_000_000),
          0);

  /** At once; 0: as many as in a second. */
  public static final Leaf<Integer, Integer> BURST =
      Leaf.closing(
          "limits.requestsBurst",
          "requests-burst",
          Leaf.Getter.in(Policy::limits, Policy.Limits::requestsBurst),
          WholeNumber.limit(10_000_000),
          0);

  RequestRateReader() {}

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(PER_SECOND, BURST);
  }

  @Override
  public RequestRate read(Reading in) {
    int perSecond = in.get(PER_SECOND);
    return new RequestRate(perSecond, WholeNumber.burst(perSecond, in.get(BURST)));
  }
}
