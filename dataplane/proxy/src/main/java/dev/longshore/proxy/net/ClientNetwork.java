package dev.longshore.proxy.net;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * What counts as one client, in 64 bits: an IPv4 address, also one that is mapped into IPv6, or of
 * IPv6 a /64, which is what one connection to the Internet has at least (RFC 6177).
 */
public final class ClientNetwork {
  /** No client's: it, and what IPv4 is mapped to, is in ::/8, which is nobody's /64. */
  public static final long NOBODY = 0x0000_FFFE_0000_0000L;

  private static final long IPV4 = 0x0000_FFFF_0000_0000L;
  private static final long IPV4_MASK = 0xFFFF_FFFF_0000_0000L;
  private static final long SITE_MASK = 0xFFFF_FFFF_FFFF_0000L;
  private static final int PREFIX_BYTES = 8;
  private static final int MAPPED_MARK = 10;
  private static final int MAPPED_ADDRESS = 12;

  private ClientNetwork() {}

  /** The network of a client. */
  public static long of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return IPV4 | bits(bytes, 0, bytes.length);
    }
    return isMapped(bytes)
        ? IPV4 | bits(bytes, MAPPED_ADDRESS, bytes.length)
        : bits(bytes, 0, PREFIX_BYTES);
  }

  /**
   * A wider network, for what nobody should be able to do twice: of IPv6 a /48, which is what
   * anybody can have as a whole.
   */
  public static long site(InetAddress address) {
    long network = of(address);
    return (network & IPV4_MASK) == IPV4 ? network : network & SITE_MASK;
  }

  private static boolean isMapped(byte[] bytes) {
    for (int i = 0; i < MAPPED_MARK; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[MAPPED_MARK] == -1 && bytes[MAPPED_MARK + 1] == -1;
  }

  private static long bits(byte[] bytes, int from, int to) {
    long bits = 0;
    for (int i = from; i < to; i++) {
      bits = bits << Byte.SIZE | Byte.toUnsignedLong(bytes[i]);
    }
    return bits;
  }
}
