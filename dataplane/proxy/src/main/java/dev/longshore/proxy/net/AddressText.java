package dev.longshore.proxy.net;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** IP addresses as text, to and from forwarding headers. Names are never resolved. */
public final class AddressText {
  private AddressText() {}

  /** The shortest usual form, without a zone (RFC 5952). */
  public static String of(InetAddress address) {
    return address instanceof Inet6Address six
        ? NetUtil.toAddressString(six, false)
        : address.getHostAddress();
  }

  /**
   * Reads an element of X-Forwarded-For: an address, possibly in brackets, possibly with a port.
   * Null for anything else.
   */
  public static @Nullable InetAddress parse(String text) {
    String literal = text;
    if (literal.startsWith("[")) {
      int end = literal.indexOf(']');
      if (end < 0) {
        return null;
      }
      literal = literal.substring(1, end);
    } else {
      int colon = literal.indexOf(':');
      if (colon >= 0 && colon == literal.lastIndexOf(':')) {
        literal = literal.substring(0, colon);
      }
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
    if (bytes == null || literal.indexOf('%') >= 0) {
      return null;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      return null;
    }
  }
}
