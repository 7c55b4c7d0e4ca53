package dev.longshore.operator.translate.field;

import dev.longshore.operator.translate.verdict.Quote;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads header names and values, and knows which headers a manifest may not edit. */
public final class HeaderNames {
  private static final Set<String> OWN =
      Set.of(
          "host",
          "connection",
          "expect",
          "upgrade",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "content-length");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7E]{0,4096}");

  private HeaderNames() {}

  /**
   * A header that may be set and removed.
   *
   * @throws IllegalArgumentException if it isn't one: framing and the handshake are the data
   *     plane's own (a header that it doesn't keep could smuggle a second request, RFC 9112 §11.2)
   */
  public static String editable(String name) {
    String lower = Names.token(name).toLowerCase(Locale.ROOT);
    if (lower.equals("host")) {
      throw new IllegalArgumentException(
          Quote.of(name) + " can't be edited as a header: write rewrite.host");
    }
    if (OWN.contains(lower) || lower.startsWith("sec-websocket-")) {
      throw new IllegalArgumentException(
          Quote.of(name)
              + " can't be edited: the data plane keeps framing headers, Connection, Upgrade and"
              + " Sec-WebSocket-* itself");
    }
    return name;
  }

  /**
   * A value without control characters, and without blanks at its ends.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String value(String text) {
    if (!isValue(text)) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a header value: at most 4096 printable ASCII"
              + " characters, without blanks at its ends");
    }
    return text;
  }

  /**
   * The same, of a value that no message may repeat, for it may be a credential.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String unshown(String text) {
    if (!isValue(text)) {
      throw new IllegalArgumentException(
          "has a value that no header can have: at most 4096 printable ASCII characters in one"
              + " line, without blanks at its ends");
    }
    return text;
  }

  private static boolean isValue(String text) {
    return VALUE.matcher(text).matches() && text.strip().length() == text.length();
  }
}
