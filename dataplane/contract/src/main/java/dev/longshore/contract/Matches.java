package dev.longshore.contract;

import java.util.List;

/**
 * The conditions beside host and path, all of which have to hold. Sorted, so that equal sets of
 * conditions are equal.
 *
 * @param headers conditions on request headers
 * @param query conditions on query parameters
 */
public record Matches(List<ValueMatch> headers, List<ValueMatch> query) {
  /** No condition: every request matches. */
  public static final Matches NONE = new Matches(List.of(), List.of());

  public Matches {
    headers = headers.stream().sorted().distinct().toList();
    query = query.stream().sorted().distinct().toList();
  }

  /** How many conditions there are; among rules of one path more conditions are tried first. */
  public int count() {
    return headers.size() + query.size();
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(headers), KeyedHash.of(query));
  }
}
