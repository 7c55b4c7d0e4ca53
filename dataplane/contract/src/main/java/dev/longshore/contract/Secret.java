package dev.longshore.contract;

/**
 * A value that no log, status or dump may show. Only the push codec and its user call {@link
 * #reveal()}.
 *
 * @param reveal the value
 */
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "[redacted]";
  }
}
