package dev.longshore.proxy.upstream;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;

/**
 * Which families of IP addresses this node speaks. A cluster of two stacks may have nodes of one,
 * and then an endpoint of the other is one that nobody here can reach, however well it is.
 *
 * @param v6 whether there is IPv6 at all: a socket can be made, and an interface has an address
 */
record AddressFamilies(boolean v6) {
  /** Of this node, when it was first asked for. */
  static final AddressFamilies OF_NODE = new AddressFamilies(hasV6());

  /** Whether a connection to the address can be begun at all. */
  boolean speaks(InetAddress address) {
    return v6 || address instanceof Inet4Address;
  }

  private static boolean hasV6() {
    try (DatagramChannel socket = DatagramChannel.open(StandardProtocolFamily.INET6)) {
      return socket.isOpen();
    } catch (UnsupportedOperationException e) {
      return false;
    } catch (IOException e) {
      // No descriptor, perhaps: it is found out by dialling.
      return true;
    }
  }
}
