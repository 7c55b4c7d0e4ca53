package dev.longshore.contract;

/**
 * One condition on a request header or query parameter.
 *
 * @param name header name in lower case, or query parameter name as it is
 * @param type how {@code value} is compared
 * @param value the literal, or a linear-time (RE2) pattern that has to match the whole value
 */
public record ValueMatch(String name, Type type, String value) implements Comparable<ValueMatch> {

  static final String REDACTED = "[redacted]";

  /** How a value is compared. */
  public enum Type {
    /** Equal, case-sensitive. */
    EXACT,
    /** A linear-time (RE2) pattern over the whole value. */
    REGEX
  }

  @Override
  public int compareTo(ValueMatch other) {
    int byName = name.compareTo(other.name);
    if (byName != 0) {
      return byName;
    }
    int byType = type.compareTo(other.type);
    return byType != 0 ? byType : value.compareTo(other.value);
  }

  /** Without the value, which may be a token that only the right clients know. */
  @Override
  public String toString() {
    return name + (type == Type.EXACT ? "=" : "~") + REDACTED;
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(name, value), type.ordinal());
  }
}
