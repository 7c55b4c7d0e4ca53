package dev.longshore.operator.translate.policy;

import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.PolicyPart;
import dev.longshore.contract.policy.Retries;
import dev.longshore.operator.translate.verdict.Problems;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads merged policies: checks every leaf, applies the defaults of the API, and refuses what this
 * version doesn't serve.
 */
public final class PolicyReader {
  /** In the order in which problems are told. */
  private static final List<PartReader> PARTS =
      List.of(
          new JwtReader(),
          new BasicReader(),
          new ExternalAuthReader(),
          new SignInReader(),
          PartReader.of(SingleLeaves.UPGRADE, mode -> mode),
          PartReader.of(SingleLeaves.INSECURE, mode -> mode),
          PartReader.of(SingleLeaves.ORIGINS, AllowedOrigins::new),
          PartReader.of(SingleLeaves.SUBPROTOCOLS, AllowedSubprotocols::new),
          new TimeoutsReader(),
          PartReader.of(SingleLeaves.RETRIES, Retries::new),
          new AccessReader(),
          HeadersReader.REQUEST,
          HeadersReader.RESPONSE,
          new ClosingReader(),
          new PingReader(),
          new LimitsReader(),
          new RequestRateReader(),
          new DrainingReader(),
          PartReader.of(SingleLeaves.ENCODED_SLASHES, mode -> mode),
          new CorsReader());

  private static final List<Leaf<?, ?>> LEAVES =
      PARTS.stream().<Leaf<?, ?>>flatMap(part -> part.leaves().stream()).toList();

  private PolicyReader() {}

  /**
   * The policy that the layers make.
   *
   * @param secrets of the resource that they are for; null: of none
   * @param problems hears of what is wrong; with a fault, the result must not be used
   */
  public static Policy read(Layers layers, @Nullable SecretLookup secrets, Problems problems) {
    return read(layers, secrets, null, problems);
  }

  /**
   * The policy that the layers make.
   *
   * @param secrets of the resource that they are for; null: of none
   * @param services of the resource that they are for; null: of none
   * @param problems hears of what is wrong; with a fault, the result must not be used
   */
  public static Policy read(
      Layers layers,
      @Nullable SecretLookup secrets,
      @Nullable AuthServices services,
      Problems problems) {
    Reading reading = new Reading(layers, secrets, services, problems);
    List<PolicyPart> parts = new ArrayList<>();
    for (PartReader reader : PARTS) {
      PolicyPart part = reader.read(reading);
      if (part != null) {
        parts.add(part);
      }
    }
    return Policy.of(parts);
  }

  /** Every field of policies. */
  static List<Leaf<?, ?>> leaves() {
    return LEAVES;
  }
}
