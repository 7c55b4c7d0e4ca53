package dev.longshore.operator.translate;

import java.util.Comparator;
import java.util.Set;

/** Finds what somebody probably meant to write. */
public final class Suggestions {
  private static final int LONGEST = 64;

  private Suggestions() {}

  /** {@code : did you mean idle-timeout?}, or nothing when no name is near. */
  public static String of(String written, Set<String> names) {
    return written.length() > LONGEST
        ? ""
        : names.stream()
            .min(Comparator.comparingInt(name -> distance(written, name)))
            .filter(name -> distance(written, name) <= Math.max(2, name.length() / 3))
            .map(name -> ": did you mean " + name + "?")
            .orElse("");
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
