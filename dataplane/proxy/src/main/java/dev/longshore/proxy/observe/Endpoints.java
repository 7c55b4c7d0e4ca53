package dev.longshore.proxy.observe;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** How an endpoint is written: {@code 192.0.2.1:3000}, {@code [2001:db8::1]:3000}. */
public final class Endpoints {
  private Endpoints() {}

  /** Where something listens, as a URL without a path. */
  public static String url(String scheme, InetSocketAddress address) {
    return address.getAddress().isAnyLocalAddress()
        ? scheme + "://*:" + address.getPort()
        : scheme + "://" + text(address);
  }

  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return address.getAddress() instanceof Inet6Address
        ? "[" + host + "]:" + address.getPort()
        : host + ":" + address.getPort();
  }
}
