package dev.longshore.operator.words;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Finds the word that somebody probably meant to write. */
public final class Nearest {
  /** Longer ones are no slip of the pen, and comparing would cost what their author likes. */
  private static final int LONGEST = 100;

  private Nearest() {}

  /**
   * The nearest of the words that would have been right, whatever their case; of several, the first
   * by the alphabet.
   *
   * @param most how many edits a word may be away
   */
  public static Optional<String> of(
      String written, Collection<String> known, ToIntFunction<String> most) {
    String lower = written.toLowerCase(Locale.ROOT);
    ToIntFunction<String> edits =
        word -> distance(lower, word.toLowerCase(Locale.ROOT), most.applyAsInt(word));
    return known.stream()
        .filter(word -> edits.applyAsInt(word) <= most.applyAsInt(word))
        .min(Comparator.comparingInt(edits).thenComparing(Comparator.naturalOrder()));
  }

  /** Edits (insert, delete, replace, swap of neighbours) between two words; above limit: any. */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) > limit || a.length() > LONGEST) {
      return limit + 1;
    }
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(d[i - 1][j - 1] + same, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, d[i - 2][j - 2] + 1);
        }
        d[i][j] = best;
      }
    }
    return d[a.length()][b.length()];
  }
}
