package dev.longshore.contract;

/**
 * What makes a location rule unique in a table.
 *
 * @param host lower-case exact name, {@code *.example.com} (one label), or {@link #ANY_HOST}
 * @param pathType how {@code path} is compared
 * @param path normalised absolute path, or the pattern for {@link PathType#REGEX}
 * @param matches conditions beside host and path
 */
public record RuleKey(String host, PathType pathType, String path, Matches matches) {
  /** The catch-all host. */
  public static final String ANY_HOST = "*";

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(
        KeyedHash.of(host, path), KeyedHash.mix(pathType.ordinal(), matches.hashCode()));
  }
}
