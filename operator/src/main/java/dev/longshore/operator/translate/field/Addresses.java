package dev.longshore.operator.translate.field;

import dev.longshore.operator.translate.verdict.Quote;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the addresses of endpoints: literals only, and only ones that traffic may be sent to. What
 * an IPv6 address only wraps (by a translator or a tunnel) is judged by what is in it: else it
 * would be another spelling of an address that is refused.
 */
public final class Addresses {
  /**
   * Where clouds keep credentials of their machines, beside the link-local range: AWS (RFC 4193
   * addresses of IMDS, Pod Identity, DNS and time), Google, Oracle, Azure's host, Alibaba.
   */
  private static final Set<InetAddress> METADATA =
      Set.of(
          InetAddress.ofLiteral("fd20:ce::254"),
          InetAddress.ofLiteral("fd00:c1::a9fe:a9fe"),
          InetAddress.ofLiteral("168.63.129.16"),
          InetAddress.ofLiteral("100.100.100.200"),
          InetAddress.ofLiteral("192.0.0.192"));

  private final boolean loopback;

  /**
   * @param loopback whether the data plane's own host may be an endpoint
   */
  public Addresses(boolean loopback) {
    this.loopback = loopback;
  }

  /**
   * The address in canonical text.
   *
   * @throws IllegalArgumentException if it is not a literal, or not for endpoints
   */
  public String parse(String text) {
    InetAddress address = literal(text);
    if (address.isLoopbackAddress() && !loopback) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is a loopback address: give the address of another host");
    }
    if (!address.isLoopbackAddress()) {
      check(text, address);
    }
    return address.getHostAddress();
  }

  private static void check(String text, InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is unspecified, link-local or multicast: give the address of a host");
    }
    byte[] bytes = address.getAddress();
    // 0.0.0.0/8 is the host itself (RFC 1122 §3.2.1.3), 240.0.0.0/4 with the broadcast address is
    // reserved (RFC 1112 §4).
    if (address instanceof Inet4Address && (bytes[0] == 0 || (bytes[0] & 0xf0) == 0xf0)) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is no address of a host: give one of 1.0.0.0 to 223.255.255.255");
    }
    if (METADATA.contains(address) || (bytes.length == 16 && startsWith(bytes, 0xfd00, 0x0ec2))) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is where a cloud keeps its machines' credentials: not for endpoints");
    }
    if (bytes.length == 16) {
      for (InetAddress wrapped : wrapped(bytes)) {
        checkWrapped(text, wrapped);
      }
    }
  }

  private static void checkWrapped(String text, InetAddress wrapped) {
    String in = Quote.of(text) + " wraps " + wrapped.getHostAddress();
    if (wrapped.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          in + ", which is a loopback address: give the address of another host");
    }
    try {
      check(wrapped.getHostAddress(), wrapped);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(in + ": " + e.getMessage(), e);
    }
  }

  /** The IPv4 addresses that packets to an IPv6 address may end up at. */
  private static List<InetAddress> wrapped(byte[] bytes) {
    if (startsWith(bytes, 0, 0, 0, 0, 0, 0)) {
      return List.of(v4(bytes, 12, 13, 14, 15)); // IPv4-compatible, RFC 4291 §2.5.5.1
    }
    if (startsWith(bytes, 0, 0, 0, 0, 0xffff, 0)) {
      return List.of(v4(bytes, 12, 13, 14, 15)); // SIIT, RFC 2765 §2.1
    }
    if (startsWith(bytes, 0x64, 0xff9b, 0, 0, 0, 0)) {
      return List.of(v4(bytes, 12, 13, 14, 15)); // NAT64, RFC 6052 §2.1
    }
    if (startsWith(bytes, 0x64, 0xff9b, 1)) {
      // NAT64 of an operator's own, RFC 8215, whose prefix may have any length of RFC 6052 §2.2.
      // What isn't embedded there is zero, and 0.0.0.0/8 leads nowhere behind a translator.
      return Stream.of(
              v4(bytes, 6, 7, 9, 10),
              v4(bytes, 7, 9, 10, 11),
              v4(bytes, 9, 10, 11, 12),
              v4(bytes, 12, 13, 14, 15))
          .filter(wrapped -> wrapped.getAddress()[0] != 0)
          .toList();
    }
    if (startsWith(bytes, 0x2002)) {
      return List.of(v4(bytes, 2, 3, 4, 5)); // 6to4, RFC 3056 §2
    }
    if (startsWith(bytes, 0x2001, 0)) {
      byte[] client = {(byte) ~bytes[12], (byte) ~bytes[13], (byte) ~bytes[14], (byte) ~bytes[15]};
      return List.of(v4(client, 0, 1, 2, 3)); // Teredo, RFC 4380 §4
    }
    if ((word(bytes, 4) & ~0x200) == 0 && word(bytes, 5) == 0x5efe) {
      return List.of(v4(bytes, 12, 13, 14, 15)); // ISATAP, RFC 5214 §6.1
    }
    return List.of();
  }

  private static boolean startsWith(byte[] bytes, int... words) {
    for (int i = 0; i < words.length; i++) {
      if (word(bytes, i) != words[i]) {
        return false;
      }
    }
    return true;
  }

  private static int word(byte[] bytes, int index) {
    return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
  }

  private static InetAddress v4(byte[] bytes, int... at) {
    try {
      return InetAddress.getByAddress(
          new byte[] {bytes[at[0]], bytes[at[1]], bytes[at[2]], bytes[at[3]]});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /** The address that a text is; no name is ever looked up. */
  public static InetAddress literal(String text) {
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
