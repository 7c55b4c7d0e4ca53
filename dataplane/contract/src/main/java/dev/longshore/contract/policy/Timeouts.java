package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.time.Duration;

/**
 * Bounds in time. {@link Duration#ZERO} turns one off.
 *
 * @param connect TCP connect to an endpoint
 * @param handshake from the upgrade request to the verified 101
 * @param idle no byte in either direction
 * @param maxLifetime of a tunnel, ±10 %
 * @param response plain HTTP, until the response headers
 * @param writeStall a peer that takes no byte while some are waiting
 */
public record Timeouts(
    Duration connect,
    Duration handshake,
    Duration idle,
    Duration maxLifetime,
    Duration response,
    Duration writeStall)
    implements PolicyPart {
  /** The defaults of the API. */
  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofHours(1),
          Duration.ZERO,
          Duration.ofSeconds(60),
          Duration.ofSeconds(60));

  @Override
  public void check(Field at) {
    at.at("connect").duration(connect);
    at.at("handshake").duration(handshake);
    at.at("idle").duration(idle);
    at.at("maxLifetime").duration(maxLifetime);
    at.at("response").duration(response);
    at.at("writeStall").duration(writeStall);
  }
}
