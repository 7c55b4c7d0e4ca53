package dev.longshore.operator.source.manifest;

import dev.longshore.operator.words.Nearest;
import java.util.Collection;
import java.util.List;
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
    int limit = Math.max(1, Math.min(3, word.length() / 3));
    return Nearest.of(word, known, k -> limit)
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
}
