package dev.longshore.contract;

/**
 * The version of a set of entries: the sum modulo 2^256 of the SHA-256 of every canonical entry, as
 * 64 hex digits. The same on every replica that holds the same entries, and updated in time
 * proportional to the change. It has no order.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Version(String hex) {
  /** The version of nothing. */
  public static final Version EMPTY = new Version("0".repeat(64));

  private static final int DIGITS = 64;

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if it is not 64 lower-case hexadecimal digits
   */
  public Version {
    if (hex.length() != DIGITS || !hex.chars().allMatch(Version::isLowerHex)) {
      throw new IllegalArgumentException("is not a version: 64 lower-case hexadecimal digits");
    }
  }

  /** The first 12 digits, for people. */
  public String brief() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }

  private static boolean isLowerHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}
