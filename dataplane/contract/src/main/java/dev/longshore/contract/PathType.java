package dev.longshore.contract;

/** How the path of a {@link RuleKey} is compared, in the order in which candidates are tried. */
public enum PathType {
  /** The whole path, case-sensitive. */
  EXACT,
  /** A linear-time (RE2) pattern, anchored at the start of the path. */
  REGEX,
  /**
   * Whole path elements: {@code /a} matches {@code /a}, {@code /a/} and {@code /a/b}, not {@code
   * /ab}.
   */
  PREFIX
}
