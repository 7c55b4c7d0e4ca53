package dev.longshore.contract.push;

import java.util.regex.Pattern;

/** The forms of short texts in messages; errors name the component and don't repeat the text. */
final class Bounds {
  static final int PROBLEM = 4096;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?");

  private Bounds() {}

  static void name(String component, String text, int max) {
    if (text.length() > max || !NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          component
              + " must be 1 to "
              + max
              + " letters, digits, '-', '_' or '.', and begin and end with a letter or digit");
    }
  }

  static void length(String component, String text, int max) {
    if (text.length() > max) {
      throw new IllegalArgumentException(component + " must be at most " + max + " characters");
    }
  }

  static String cut(String text) {
    return text.length() <= PROBLEM ? text : text.substring(0, PROBLEM - 1) + "…";
  }
}
