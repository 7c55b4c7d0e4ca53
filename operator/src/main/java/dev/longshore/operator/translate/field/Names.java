package dev.longshore.operator.translate.field;

import dev.longshore.operator.translate.verdict.Quote;
import java.util.regex.Pattern;

/** Checks names: of objects, of headers, of things within a resource. */
public final class Names {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern DATA_KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
  private static final int LONGEST_OBJECT_NAME = 253;

  private Names() {}

  /**
   * A label (RFC 1123), the name of a Service, namespace, upstream or location.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String label(String text) {
    if (text.length() > 63 || !LABEL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a name of at most 63 lower-case letters, digits and '-', beginning and"
              + " ending with a letter or digit");
    }
    return text;
  }

  /**
   * The name of an object (RFC 1123 subdomain).
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String object(String text) {
    if (!isObject(text)) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a name of at most 253 lower-case letters, digits, '-' and '.', beginning"
              + " and ending with a letter or digit");
    }
    return text;
  }

  /** Whether a text can be the name of an object (RFC 1123's subdomain). */
  public static boolean isObject(String text) {
    if (text.isEmpty() || text.length() > LONGEST_OBJECT_NAME) {
      return false;
    }
    for (String part : text.split("\\.", -1)) {
      if (part.length() > 63 || !LABEL.matcher(part).matches()) {
        return false;
      }
    }
    return true;
  }

  /**
   * A token (RFC 9110 §5.6.2) of at most 128 characters.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String token(String text) {
    if (!TOKEN.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a token of at most 128 letters, digits and !#$%&'*+-.^_`|~");
    }
    return text;
  }

  /**
   * The key of an entry of a Secret.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public static String dataKey(String text) {
    if (!DATA_KEY.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a key of at most 253 letters, digits, '-', '_' and '.'");
    }
    return text;
  }
}
