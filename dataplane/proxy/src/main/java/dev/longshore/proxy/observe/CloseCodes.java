package dev.longshore.proxy.observe;

/**
 * The value of a label for a Close code. There are 65,536 codes that a peer may send, and a label
 * must not have as many values.
 */
final class CloseCodes {
  private CloseCodes() {}

  static String label(int code) {
    if (code >= 1000 && code <= 1015) {
      return Integer.toString(code);
    }
    if (code >= 3000 && code <= 3999) {
      return "3xxx";
    }
    return code >= 4000 && code <= 4999 ? "4xxx" : "other";
  }
}
