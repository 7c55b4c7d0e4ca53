package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.time.Duration;

/**
 * How a tunnel is closed politely.
 *
 * @param deadline from our Close until the connection is closed anyway
 * @param closeCode what the client is sent, 1000 to 4999 as far as RFC 6455 §7.4 lets an endpoint
 *     send it
 */
public record Closing(Duration deadline, int closeCode) implements PolicyPart {
  /** The defaults of the API: 5 s, 1012 Service Restart. */
  public static final Closing DEFAULT = new Closing(Duration.ofSeconds(5), 1012);

  @Override
  public void check(Field at) {
    at.at("deadline").duration(deadline);
    at.at("closeCode").closeCode(closeCode);
  }
}
