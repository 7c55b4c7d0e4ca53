package dev.longshore.process.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a request to an admin page asks for.
 *
 * @param parameters decoded query parameters
 * @param accept value of the Accept header; empty without one
 */
public record Query(Map<String, List<String>> parameters, String accept) {

  /**
   * Refuses parameters that the page does not know, so that a misspelt filter never shows
   * everything.
   *
   * @throws BadQueryException naming the first unknown one
   */
  public void onlyKnown(Set<String> known) throws BadQueryException {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        throw new BadQueryException(name, "left out: the page knows " + sorted(known));
      }
    }
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  /** Whether a parameter is there, with or without a value. */
  public boolean has(String name) {
    return parameters.containsKey(name);
  }

  /** The value of a parameter. */
  public Optional<String> text(String name) throws BadQueryException {
    List<String> values = parameters.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new BadQueryException(name, "given once");
    }
    return values.stream().findFirst();
  }

  /** A number within bounds, or the default when the parameter is not there. */
  public long number(String name, long min, long max, long absent) throws BadQueryException {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, in terms of the bounds.
    }
    throw new BadQueryException(name, "a number from " + min + " to " + max);
  }
}
