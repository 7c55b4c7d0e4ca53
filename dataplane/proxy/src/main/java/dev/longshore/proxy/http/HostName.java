package dev.longshore.proxy.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The host of a request as rules are matched by it. */
public final class HostName {
  private static final int MAX_LENGTH = 255 + 6;

  private HostName() {}

  /**
   * Lower-case, without port and trailing dot; null if {@code authority} is not a host with an
   * optional port (RFC 9110 §7.2: such a request is answered 400).
   */
  public static @Nullable String of(String authority) {
    int length = authority.length();
    if (length == 0 || length > MAX_LENGTH) {
      return null;
    }
    int end = authority.charAt(0) == '[' ? endOfLiteral(authority) : endOfName(authority);
    if (end <= 0 || !isPort(authority, end)) {
      return null;
    }
    int stop = end > 1 && authority.charAt(end - 1) == '.' ? end - 1 : end;
    return authority.substring(0, stop).toLowerCase(Locale.ROOT);
  }

  /** The port of what {@link #of} has found to be a host; 0: it names none. */
  static int portOf(String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon < 0 || colon + 1 == authority.length() || authority.endsWith("]")) {
      return 0;
    }
    int port = 0;
    for (int i = colon + 1; i < authority.length(); i++) {
      int digit = authority.charAt(i) - '0';
      port = digit < 0 || digit > 9 ? 0 : port * 10 + digit;
    }
    return port;
  }

  /** An IPv6 literal without its brackets; everything else as it is. */
  static String unbracketed(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int endOfName(String authority) {
    int i = 0;
    while (i < authority.length() && isNameCharacter(authority.charAt(i))) {
      i++;
    }
    return authority.charAt(0) == '.' ? -1 : i;
  }

  private static int endOfLiteral(String authority) {
    int close = authority.indexOf(']');
    if (close < 0) {
      return -1;
    }
    boolean isAddress =
        io.netty.util.NetUtil.isValidIpV6Address(authority.substring(1, close))
            && authority.indexOf('%') < 0;
    return isAddress ? close + 1 : -1;
  }

  private static boolean isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_';
  }

  private static boolean isPort(String authority, int from) {
    int length = authority.length();
    if (from == length) {
      return true;
    }
    if (authority.charAt(from) != ':' || length - from > 6) {
      return false;
    }
    int port = 0;
    for (int i = from + 1; i < length; i++) {
      char c = authority.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + (c - '0');
    }
    return port <= 65535;
  }
}
