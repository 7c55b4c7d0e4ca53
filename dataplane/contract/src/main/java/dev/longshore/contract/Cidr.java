package dev.longshore.contract;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A range of IP addresses, in canonical text such as {@code 10.0.0.0/8} or {@code
 * 2001:db8:0:0:0:0:0:0/32}.
 *
 * @param text network address, slash, prefix length
 */
public record Cidr(String text) {

  /**
   * Reads a range; an address without a length is a range of one.
   *
   * @throws IllegalArgumentException if it is not a range, or if bits are set beyond the prefix;
   *     the message says which
   */
  public static Cidr parse(String text) {
    Cidr range = enclosing(text);
    if (!Arrays.equals(address(withoutLength(text), text), range.network())) {
      throw new IllegalArgumentException(
          "'" + text + "' has bits set beyond its prefix; did you mean " + range.text + "?");
    }
    return range;
  }

  /**
   * The range that an address and a length mean where bits beyond the prefix don't count, as with
   * Go's {@code net.ParseCIDR}.
   *
   * @throws IllegalArgumentException if it is not a range
   */
  public static Cidr enclosing(String text) {
    byte[] address = address(withoutLength(text), text);
    int bits = address.length * 8;
    int slash = text.indexOf('/');
    int length = slash < 0 ? bits : length(text.substring(slash + 1), bits, text);
    return new Cidr(show(mask(address, length), length));
  }

  private static String withoutLength(String text) {
    int slash = text.indexOf('/');
    return slash < 0 ? text : text.substring(0, slash);
  }

  public Cidr {
    if (text.indexOf('/') < 0) {
      throw new IllegalArgumentException("'" + text + "' is not a range such as 10.0.0.0/8");
    }
  }

  /** The network address, 4 or 16 bytes. */
  public byte[] network() {
    return address(text.substring(0, text.indexOf('/')), text);
  }

  /** The prefix length in bits. */
  public int length() {
    return Integer.parseInt(text.substring(text.indexOf('/') + 1));
  }

  private static byte[] address(String literal, String whole) {
    // Only literals reach the JDK's parser: a name would be resolved.
    if (literal.isEmpty() || !literal.chars().allMatch(Cidr::isAddressCharacter)) {
      throw notARange(whole);
    }
    if (literal.indexOf(':') < 0 && literal.chars().filter(c -> c == '.').count() != 3) {
      throw notARange(whole);
    }
    try {
      return InetAddress.ofLiteral(literal).getAddress();
    } catch (IllegalArgumentException e) {
      throw notARange(whole);
    }
  }

  private static boolean isAddressCharacter(int c) {
    return c == '.' || c == ':' || Character.digit(c, 16) >= 0;
  }

  private static int length(String digits, int bits, String whole) {
    try {
      int length = Integer.parseInt(digits);
      if (length >= 0 && length <= bits) {
        return length;
      }
    } catch (NumberFormatException e) {
      // Falls through: the same message as for a length out of bounds.
    }
    throw notARange(whole);
  }

  private static byte[] mask(byte[] address, int length) {
    byte[] masked = new byte[address.length];
    for (int i = 0; i < address.length; i++) {
      int kept = Math.clamp(length - i * 8L, 0, 8);
      masked[i] = (byte) (address[i] & (0xff00 >> kept));
    }
    return masked;
  }

  private static String show(byte[] network, int length) {
    try {
      return InetAddress.getByAddress(network).getHostAddress() + "/" + length;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static IllegalArgumentException notARange(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not an address or range such as 10.0.0.0/8 or 2001:db8::/32");
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.of(text);
  }
}
