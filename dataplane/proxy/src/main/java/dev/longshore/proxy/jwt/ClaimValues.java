package dev.longshore.proxy.jwt;

import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import dev.longshore.proxy.proof.TokenFacts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The claims of a token, by name or by a path of names with dots. */
final class ClaimValues {
  /** As much as a header of a sane upstream takes. */
  private static final int MOST_CHARS = 1024;

  /** Longer names can't be written in a manifest. */
  private static final int LONGEST = 256;

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

  /** Of all that can be required of it, whether it is there and what it says, as fingerprints. */
  static Collection<Long> prints(Map<String, Object> claims) {
    List<Long> prints = new ArrayList<>();
    claims.forEach(
        (name, value) -> {
          say(name, value, prints);
          if (name.indexOf('.') < 0) {
            descend(name, value, claims, prints);
          }
        });
    return prints;
  }

  /** As {@link #find} goes: a claim of that very name is in front, and no step has a dot. */
  private static void descend(
      String name, @Nullable Object value, Map<String, Object> claims, List<Long> prints) {
    if (!(value instanceof Map<?, ?> map)) {
      return;
    }
    map.forEach(
        (key, inner) -> {
          String step = String.valueOf(key);
          String path = name + '.' + step;
          if (step.indexOf('.') < 0 && path.length() <= LONGEST) {
            if (!claims.containsKey(path)) {
              say(path, inner, prints);
            }
            descend(path, inner, claims, prints);
          }
        });
  }

  private static void say(String name, @Nullable Object value, List<Long> prints) {
    if (value == null) {
      return;
    }
    prints.add(TokenFacts.claim(name));
    if (value instanceof Collection<?> several) {
      several.forEach(one -> prints.add(TokenFacts.claim(name, String.valueOf(one))));
      return;
    }
    String whole = String.valueOf(value);
    prints.add(TokenFacts.claim(name, whole));
    if (value instanceof String && whole.indexOf(' ') >= 0) {
      for (String part : whole.split(" ", -1)) {
        prints.add(TokenFacts.claim(name, part));
      }
    }
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
