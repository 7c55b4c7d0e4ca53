package dev.longshore.proxy.subscribe;

import java.time.Duration;

/**
 * How patient a subscription is.
 *
 * @param resolve between two look-ups of the operator's addresses
 * @param firstWait bound of the first wait before another attempt
 * @param longestWait bound of every wait
 * @param connect until a replica has answered the handshake
 * @param ping between two Pings
 * @param silence without a byte from a replica, Pongs included, until it is given up
 * @param settled how long a channel has to live before it is worth a change of roles, and before
 *     the waits begin anew
 * @param refuseOlder how long after a change of replica an older table is refused
 */
record Timing(
    Duration resolve,
    Duration firstWait,
    Duration longestWait,
    Duration connect,
    Duration ping,
    Duration silence,
    Duration settled,
    Duration refuseOlder) {

  static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofMillis(250),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60));
}
