package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/**
 * Limits; 0 turns one off. A client is an address behind trusted proxies, of IPv6 a /64.
 *
 * @param connections open tunnels of the location over all data planes, of which each takes its
 *     share
 * @param connectionsPerClient open tunnels of one client at the location, on one data plane
 * @param handshakesPerSecondPerClient handshakes of one client at the location, on one data plane
 * @param handshakesBurst how many of them may come at once; at least 1 where there is a rate
 * @param messageBytes largest message on the wire, in either direction
 * @param messagesPerSecond messages of one client's connection
 * @param messagesBurst how many of them may come at once; at least 1 where there is a rate
 */
public record Limits(
    int connections,
    int connectionsPerClient,
    int handshakesPerSecondPerClient,
    int handshakesBurst,
    long messageBytes,
    int messagesPerSecond,
    int messagesBurst)
    implements PolicyPart {
  /** Everything is off. */
  public static final Limits NONE = new Limits(0, 0, 0, 0, 0, 0, 0);

  private static final int MOST = 100_000_000;

  @Override
  public void check(Field at) {
    at.at("connections").within(connections, 0, MOST);
    at.at("connectionsPerClient").within(connectionsPerClient, 0, MOST);
    at.at("handshakesPerSecondPerClient").within(handshakesPerSecondPerClient, 0, MOST);
    at.at("handshakesBurst").within(handshakesBurst, 0, MOST);
    if (messageBytes < 0) {
      at.at("messageBytes").mustBe("0 (no limit) or more", messageBytes);
    }
    at.at("messagesPerSecond").within(messagesPerSecond, 0, MOST);
    at.at("messagesBurst").within(messagesBurst, 0, MOST);
    at.at("handshakesBurst").burst(handshakesPerSecondPerClient, handshakesBurst);
    at.at("messagesBurst").burst(messagesPerSecond, messagesBurst);
  }
}
