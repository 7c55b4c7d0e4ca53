package dev.longshore.operator.translate;

import dev.longshore.contract.Cidr;

/** Reads address ranges, whose messages may quote what a manifest says. */
public final class Cidrs {
  private static final int LONGEST = 49;

  private Cidrs() {}

  /**
   * The range.
   *
   * @throws IllegalArgumentException if it isn't one; says what would be right
   */
  public static Cidr parse(String text) {
    return Cidr.parse(bounded(text));
  }

  /**
   * The range as Go reads it, which ingress-nginx is written in: {@code 10.0.0.5/8} is {@code
   * 10.0.0.0/8}.
   *
   * @throws IllegalArgumentException if it isn't one; says what would be right
   */
  public static Cidr enclosing(String text) {
    return Cidr.enclosing(bounded(text));
  }

  private static String bounded(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not an address or range such as 10.0.0.0/8 or 2001:db8::/32");
    }
    return text;
  }
}
