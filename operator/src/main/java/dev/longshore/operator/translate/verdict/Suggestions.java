package dev.longshore.operator.translate.verdict;

import dev.longshore.operator.words.Nearest;
import java.util.Set;

/** Says what somebody probably meant to write. */
public final class Suggestions {
  private Suggestions() {}

  /** {@code : did you mean idle-timeout?}, or nothing when no name is near. */
  public static String of(String written, Set<String> names) {
    return Nearest.of(written, names, name -> Math.max(2, name.length() / 3))
        .map(name -> ": did you mean " + name + "?")
        .orElse("");
  }
}
