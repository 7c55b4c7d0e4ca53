package dev.longshore.proxy.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The host of a request as rules are matched by it. */
final class HostName {
  private static final int MAX_LENGTH = 255 + 6;

  private HostName() {}

  /**
   * Lower-case, without port and trailing dot; null if {@code authority} is not a host with an
   * optional port (RFC 9110 §7.2: such a request is answered 400).
   */
  static @Nullable String of(String authority) {
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
