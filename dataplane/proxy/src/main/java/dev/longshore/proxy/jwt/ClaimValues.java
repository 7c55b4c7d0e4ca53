package dev.longshore.proxy.jwt;

import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The claims of a token, by name or by a path of names with dots. */
final class ClaimValues {
  /** As much as a header of a sane upstream takes. */
  private static final int MOST_CHARS = 1024;

  private ClaimValues() {}

  /** Whether it has the claim, and the claim one of the values. */
  static boolean satisfies(Map<String, Object> claims, RequiredClaim required) {
    Object found = find(claims, required.name());
    if (found == null || required.values().isEmpty()) {
      return found != null;
    }
    if (found instanceof Collection<?> several) {
      return several.stream().anyMatch(one -> required.values().contains(String.valueOf(one)));
    }
    String text = String.valueOf(found);
    // RFC 8693 §4.2: scope is a text with blanks between its values.
    return required.values().contains(text)
        || (found instanceof String
            && List.of(text.split(" ", -1)).stream().anyMatch(required.values()::contains));
  }

  /**
   * What is said of it in a header: texts, numbers and truth values as they are, several with
   * commas between them. Empty: there is no such claim, or nothing that may stand in a header.
   */
  static String text(Map<String, Object> claims, String name) {
    Object found = find(claims, name);
    String text =
        switch (found) {
          case null -> "";
          case Map<?, ?> _ -> "";
          case Collection<?> several ->
              String.join(",", several.stream().map(String::valueOf).toList());
          default -> String.valueOf(found);
        };
    return text.length() <= MOST_CHARS && text.chars().allMatch(c -> c >= ' ' && c < 0x7f)
        ? text.strip()
        : "";
  }

  private static @Nullable Object find(Map<String, Object> claims, String name) {
    Object whole = claims.get(name);
    if (whole != null) {
      return whole;
    }
    Object at = claims;
    for (String step : name.split("\\.", -1)) {
      if (!(at instanceof Map<?, ?> map)) {
        return null;
      }
      at = map.get(step);
    }
    return at;
  }
}
