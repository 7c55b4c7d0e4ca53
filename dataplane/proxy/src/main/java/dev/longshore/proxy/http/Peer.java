package dev.longshore.proxy.http;

import java.net.InetAddress;

/**
 * The other end of a client connection, or what its PROXY header says of it.
 *
 * @param address where it comes from
 * @param text {@code address} as forwarding headers have it
 * @param localPort port of the listener that it came to
 * @param scheme {@code http} or {@code https}
 */
public record Peer(InetAddress address, String text, int localPort, String scheme) {

  /** With the text made from the address. */
  public static Peer of(InetAddress address, int localPort, String scheme) {
    return new Peer(address, AddressText.of(address), localPort, scheme);
  }
}
