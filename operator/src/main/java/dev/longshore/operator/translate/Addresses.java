package dev.longshore.operator.translate;

import java.net.InetAddress;

/** Reads the addresses of endpoints: literals only, and only ones that traffic may be sent to. */
final class Addresses {
  private final boolean loopback;

  /**
   * @param loopback whether the data plane's own host may be an endpoint
   */
  Addresses(boolean loopback) {
    this.loopback = loopback;
  }

  /**
   * The address in canonical text.
   *
   * @throws IllegalArgumentException if it is not a literal, or not for endpoints: link-local ones
   *     are where clouds keep their credentials
   */
  String parse(String text) {
    InetAddress address = literal(text);
    if (address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is unspecified, link-local or multicast: give the address of a host");
    }
    if (address.isLoopbackAddress() && !loopback) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is a loopback address: give the address of another host");
    }
    return address.getHostAddress();
  }

  private static InetAddress literal(String text) {
    try {
      // No zone: it would mean another interface on every node.
      if (text.length() <= 45 && text.indexOf('%') < 0 && isFull(text)) {
        return InetAddress.ofLiteral(text);
      }
    } catch (IllegalArgumentException e) {
      // The same message as for everything else that isn't one.
    }
    throw new IllegalArgumentException(
        Quote.of(text) + " is not an IP address such as 10.0.0.7 or 2001:db8::7 (no names)");
  }

  /** The JDK also takes {@code 10.1} for 10.0.0.1. */
  private static boolean isFull(String text) {
    return text.indexOf(':') >= 0 || text.chars().filter(c -> c == '.').count() == 3;
  }
}
