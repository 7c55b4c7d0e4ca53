package dev.longshore.proxy.multiplex;

import io.netty.util.AsciiString;

/**
 * What a field of HTTP/2 may be made of (RFC 9113 §8.2). Stricter than the RFC where a field goes
 * on by HTTP/1.1: whatever could end a line there, or be read in two ways, is malformed here
 * already.
 */
public final class FieldRules {
  private static final boolean[] NAME = new boolean[128];

  static {
    for (char c = '0'; c <= '9'; c++) {
      NAME[c] = true;
    }
    for (char c = 'a'; c <= 'z'; c++) {
      NAME[c] = true;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      NAME[c] = true;
    }
  }

  private FieldRules() {}

  /** Whether it is a token (RFC 9110 §5.6.2) without upper case. */
  public static boolean isName(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= NAME.length || !NAME[c]) {
        return false;
      }
    }
    return name.length() > 0;
  }

  /** Whether it is a token of any case: a method. */
  public static boolean isToken(CharSequence word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if ((c >= NAME.length || !NAME[c]) && (c < 'A' || c > 'Z')) {
        return false;
      }
    }
    return word.length() > 0;
  }

  /** Whether it has neither control characters nor whitespace at its ends. */
  public static boolean isValue(CharSequence value) {
    int length = value.length();
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        return false;
      }
    }
    return length == 0 || (!isBlank(value.charAt(0)) && !isBlank(value.charAt(length - 1)));
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /**
   * Whether it is of the connection (RFC 9113 §8.2.2): malformed when it comes, and left out of
   * what goes.
   */
  public static boolean isOfConnection(CharSequence name) {
    return switch (name.length()) {
      case 7 -> is(name, "upgrade");
      case 10 -> is(name, "connection") || is(name, "keep-alive");
      case 16 -> is(name, "proxy-connection");
      case 17 -> is(name, "transfer-encoding");
      default -> false;
    };
  }

  /** Whether it says which kinds of answers are taken, and of these more than trailers. */
  public static boolean isForbiddenTe(CharSequence name, CharSequence value) {
    return is(name, "te") && !is(value, "trailers");
  }

  private static boolean is(CharSequence text, String lowerCase) {
    return AsciiString.contentEqualsIgnoreCase(text, lowerCase);
  }
}
