package dev.longshore.operator.push;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where the push server listens and what it bounds.
 *
 * @param address port 0: any that is free
 * @param maxDataPlanes channels that said hello; a further one is sent away
 * @param maxPending connections that did not say hello yet; for a further one another is closed
 * @param history recent publications from which a delta can be made
 * @param helloTimeout from the connection to the hello, TLS handshake and token check included
 * @param answerTimeout from the last byte of a message to the answer
 * @param writeTimeout for writing one message, however large
 * @param pingInterval between Pings
 * @param silence after which a peer that neither sends nor takes a byte is dead; above the interval
 */
public record PushServerOptions(
    InetSocketAddress address,
    int maxDataPlanes,
    int maxPending,
    int history,
    Duration helloTimeout,
    Duration answerTimeout,
    Duration writeTimeout,
    Duration pingInterval,
    Duration silence) {

  /** For 1,000 data planes, at this address. */
  public static PushServerOptions at(InetSocketAddress address) {
    return new PushServerOptions(
        address,
        1000,
        256,
        128,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(45));
  }
}
