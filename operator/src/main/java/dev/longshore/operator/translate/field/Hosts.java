package dev.longshore.operator.translate.field;

import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.verdict.Quote;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads host names, and knows which wildcard covers which. */
public final class Hosts {
  private static final String WILDCARD = "*.";

  private Hosts() {}

  /**
   * An exact name, or {@code *.} before one.
   *
   * @throws IllegalArgumentException if it isn't; says what would be right
   */
  public static String parse(String text) {
    String name = text.startsWith(WILDCARD) ? text.substring(WILDCARD.length()) : text;
    if (!Names.isObject(name) || text.length() > 253) {
      String lower = text.toLowerCase(Locale.ROOT);
      throw new IllegalArgumentException(
          Quote.of(text)
              + (!lower.equals(text) && isHost(lower)
                  ? " is not in lower case: write " + Quote.of(lower)
                  : " is not a host name such as chat.example.com or *.example.com (without"
                      + " scheme, port and path)"));
    }
    return text;
  }

  /**
   * The host that an invalid text plainly means, for its rules to keep their place: null when that
   * can't be told.
   */
  public static @Nullable String meant(String text) {
    String host = text.toLowerCase(Locale.ROOT).strip();
    int colon = host.lastIndexOf(':');
    if (colon >= 0 && host.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
      host = host.substring(0, colon);
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return isHost(host) ? host : null;
  }

  /** Whether a host stands for all names one label below it. */
  public static boolean isWildcard(String host) {
    return host.startsWith(WILDCARD);
  }

  /** The wildcard whose one label may be this exact host's first; null if there can't be any. */
  public static @Nullable String coveringWildcard(String host) {
    int dot = host.indexOf('.');
    return isWildcard(host) || host.equals(RuleKey.ANY_HOST) || dot <= 0
        ? null
        : WILDCARD + host.substring(dot + 1);
  }

  /** Whether a name of a certificate (RFC 9525 §6.3) is good for a host or wildcard. */
  public static boolean covers(String certificateName, String host) {
    String name = certificateName.toLowerCase(Locale.ROOT);
    return name.equals(host) || (isWildcard(name) && name.equals(coveringWildcard(host)));
  }

  private static boolean isHost(String text) {
    String name = text.startsWith(WILDCARD) ? text.substring(WILDCARD.length()) : text;
    return text.length() <= 253 && Names.isObject(name);
  }
}
