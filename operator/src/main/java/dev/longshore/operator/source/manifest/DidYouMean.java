package dev.longshore.operator.source.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds what somebody probably meant to write. */
final class DidYouMean {
  private static final int MAX_LISTED = 12;

  /** What fields of an Ingress of v1beta1 are called in v1: many change the version alone. */
  private static final Map<String, String> FORMER =
      Map.of(
          "serviceName", "service.name",
          "servicePort", "service.port.number or service.port.name",
          "backend", "defaultBackend");

  private DidYouMean() {}

  /**
   * The end of a message about a word that isn't known.
   *
   * @param word what was written
   * @param known what would have been right
   * @return {@code ; did you mean x?}, or {@code ; known here: …} when nothing is near
   */
  static String hint(String word, Collection<String> known) {
    String now = FORMER.get(word);
    if (now != null && known.stream().anyMatch(k -> now.equals(k) || now.startsWith(k + "."))) {
      return "; that was v1beta1, and is " + now + " now";
    }
    String written = word.toLowerCase(Locale.ROOT);
    int limit = Math.max(1, Math.min(3, word.length() / 3));
    return known.stream()
        .filter(k -> distance(written, k.toLowerCase(Locale.ROOT), limit) <= limit)
        .min(
            Comparator.<String>comparingInt(
                    k -> distance(written, k.toLowerCase(Locale.ROOT), limit))
                .thenComparing(Comparator.naturalOrder()))
        .map(k -> "; did you mean " + k + "?")
        .orElseGet(() -> listed(known));
  }

  private static String listed(Collection<String> known) {
    if (known.isEmpty()) {
      return "";
    }
    List<String> sorted = known.stream().sorted().toList();
    String listed = sorted.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
    return "; known here: " + listed + (sorted.size() > MAX_LISTED ? ", …" : "");
  }

  /** Edits (insert, delete, replace, swap of neighbours) between two words; above limit: any. */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) > limit || a.length() > 100) {
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
