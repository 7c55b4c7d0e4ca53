package dev.longshore.operator.translate.quota;

/**
 * How much of its quota a namespace has.
 *
 * @param namespace whose
 * @param bound the part of the quota that is nearest to its end, such as {@code rules}
 * @param used what is served of the namespace
 * @param most what may be
 */
public record QuotaShare(String namespace, String bound, long used, long most) {
  /** 1 when nothing is left. */
  public double ratio() {
    return most == 0 ? 1 : (double) used / most;
  }
}
