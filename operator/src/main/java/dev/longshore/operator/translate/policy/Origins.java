package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Quote;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the origins that a policy allows (RFC 6454 §6.2). */
final class Origins {
  private static final Pattern ORIGIN =
      Pattern.compile(
          "([a-z][a-z0-9+.-]{0,30})://((?:\\*\\.)?[a-z0-9_.-]{1,253}|\\[[0-9a-f:.]{2,45}\\])(?::([0-9]{1,5}))?");

  private Origins() {}

  /**
   * The origin as browsers send it: lower case, without the scheme's own port.
   *
   * @throws IllegalArgumentException if it isn't one; says what would be right
   */
  static String parse(String text) {
    Matcher matcher = ORIGIN.matcher(text.toLowerCase(Locale.ROOT));
    if (text.length() > 280
        || !matcher.matches()
        || matcher.group(2).contains("..")
        || !isPort(matcher.group(3))) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not an origin such as https://chat.example.com or https://*.example.com:8443"
              + " (without a path)");
    }
    String scheme = matcher.group(1);
    String port = matcher.group(3);
    String host = scheme + "://" + matcher.group(2);
    return port == null || isDefault(scheme, port) ? host : host + ":" + Integer.parseInt(port);
  }

  private static boolean isPort(@Nullable String port) {
    return port == null || (Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65535);
  }

  private static boolean isDefault(String scheme, String port) {
    return (scheme.equals("https") && port.equals("443"))
        || (scheme.equals("http") && port.equals("80"));
  }
}
