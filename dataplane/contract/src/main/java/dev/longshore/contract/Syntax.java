package dev.longshore.contract;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The forms that fields of several entries share. Every check is linear in the text. */
final class Syntax {
  static final String HOST =
      "a lower-case host name such as chat.example.com, *.example.com (one label) or *";
  static final String TOKEN = "a token (RFC 9110 section 5.6.2) of 1 to 128 characters";
  static final String FIELD_VALUE =
      "at most 4,096 printable ASCII characters, so without CR, LF and NUL";
  static final String DURATION =
      "0s to " + Durations.format(Durations.MAX) + " in whole milliseconds";

  private static final int HOST_MAX = 253;
  private static final int LABEL_MAX = 63;
  private static final int TOKEN_MAX = 128;
  private static final int VALUE_MAX = 4096;
  private static final int PATH_MAX = 1024;
  private static final int ORIGIN_MAX = 280;
  private static final int PORT_MAX = 65_535;

  private static final Pattern ORIGIN =
      Pattern.compile(
          "[a-z][a-z0-9+.-]*+://(?:(?:\\*\\.)?[a-z0-9_.-]+|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?");

  private static final Set<String> OWN_HEADERS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Syntax() {}

  /** An exact host name. */
  static boolean isHostName(String host) {
    if (host.isEmpty() || host.length() > HOST_MAX) {
      return false;
    }
    for (String label : host.split("\\.", -1)) {
      if (label.isEmpty()
          || label.length() > LABEL_MAX
          || label.startsWith("-")
          || label.endsWith("-")
          || !label.chars().allMatch(c -> isLowerOrDigit(c) || c == '-')) {
        return false;
      }
    }
    return true;
  }

  /** An exact host name, or one wildcard label before one. */
  static boolean isHostOrWildcard(String host) {
    return isHostName(host.startsWith("*.") ? host.substring(2) : host);
  }

  /** What may stand in a Host header: a name, optionally with a port. */
  static boolean isAuthority(String authority) {
    int colon = authority.indexOf(':');
    return colon < 0
        ? isHostName(authority)
        : isHostName(authority.substring(0, colon)) && isPort(authority.substring(colon + 1));
  }

  private static boolean isPort(String digits) {
    return !digits.isEmpty()
        && digits.length() <= 5
        && digits.chars().allMatch(Syntax::isDigit)
        && isPort(Integer.parseInt(digits));
  }

  static boolean isPort(int port) {
    return port >= 1 && port <= PORT_MAX;
  }

  /** An absolute path, percent-encoded, without query and fragment. */
  static boolean isAbsolutePath(String path) {
    return path.startsWith("/")
        && path.length() <= PATH_MAX
        && path.chars().allMatch(c -> c > ' ' && c <= '~' && c != '?' && c != '#' && c != '\\');
  }

  /** What {@link #isTarget} takes, in words. */
  static final String TARGET = "a path, query and fragment such as /new?a=b#c, or empty";

  /** What may follow the host of a URL, percent-encoded (RFC 3986 §3). */
  static boolean isTarget(String target) {
    return target.isEmpty()
        || ("/?#".indexOf(target.charAt(0)) >= 0
            && target.length() <= PATH_MAX
            && target.chars().allMatch(c -> c > ' ' && c <= '~' && c != '\\'));
  }

  /** What a request path can look like after the data plane normalised it. */
  static boolean isNormalised(String path) {
    if (path.contains("//") || path.indexOf(';') >= 0) {
      return false;
    }
    for (String element : path.split("/", -1)) {
      if (element.equals(".") || element.equals("..")) {
        return false;
      }
    }
    for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
      String escape =
          path.substring(i + 1, Math.min(i + 3, path.length())).toLowerCase(Locale.ROOT);
      if (Set.of("2e", "2f", "5c", "00").contains(escape)) {
        return false;
      }
    }
    return true;
  }

  static boolean isToken(String text) {
    return !text.isEmpty()
        && text.length() <= TOKEN_MAX
        && text.chars()
            .allMatch(c -> isLetter(c) || isDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  static boolean isLowerCase(String text) {
    return text.chars().noneMatch(c -> c >= 'A' && c <= 'Z');
  }

  /** Headers that the data plane keeps itself: to edit them would break framing or handshake. */
  static boolean isOwnHeader(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return OWN_HEADERS.contains(lower) || lower.startsWith("sec-websocket-");
  }

  static boolean isFieldValue(String value) {
    return value.length() <= VALUE_MAX
        && value.chars().allMatch(c -> (c >= ' ' && c <= '~') || c == '\t');
  }

  static boolean isOrigin(String origin) {
    return origin.length() <= ORIGIN_MAX && ORIGIN.matcher(origin).matches();
  }

  /** An IP literal; nothing is resolved. */
  static boolean isAddress(String address) {
    if (address.indexOf('/') >= 0) {
      return false;
    }
    try {
      Cidr.parse(address);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Whether an address names one host: 0.0.0.0 would reach the data plane itself. */
  static boolean isDialable(String address) {
    InetAddress parsed = InetAddress.ofLiteral(address);
    return !parsed.isAnyLocalAddress() && !parsed.isMulticastAddress();
  }

  /**
   * Close codes that an endpoint that is a server may send (RFC 6455 section 7.4 and its registry):
   * not the reserved 1004, 1005, 1006 and 1015, nor 1010, which clients send.
   */
  static boolean isSendable(int closeCode) {
    return (closeCode >= 1000 && closeCode <= 1003)
        || (closeCode >= 1007 && closeCode <= 1009)
        || (closeCode >= 1011 && closeCode <= 1014)
        || (closeCode >= 3000 && closeCode <= 4999);
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isLowerOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || isDigit(c);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
