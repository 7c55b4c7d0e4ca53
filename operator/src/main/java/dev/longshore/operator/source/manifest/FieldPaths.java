package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Sequence;

/** Finds the place that a field path such as {@code spec.locations[0].path} names. */
final class FieldPaths {
  private FieldPaths() {}

  /**
   * The place of a field, or of the nearest field around it that is there.
   *
   * @param path names joined by dots, with {@code [index]} in lists and {@code [key]} in free
   *     mappings such as annotations
   */
  static Position find(Tree root, String path) {
    Tree tree = root;
    Position at = root.at();
    int from = 0;
    while (from < path.length()) {
      boolean bracket = path.charAt(from) == '[';
      int end = bracket ? path.indexOf(']', from) : nextSeparator(path, from);
      if (end < 0) {
        return at;
      }
      String step = path.substring(bracket ? from + 1 : from, end);
      Entry entry = tree instanceof Mapping mapping ? mapping.entry(step) : null;
      if (entry != null) {
        at = entry.keyAt();
        tree = entry.value();
      } else if (tree instanceof Sequence sequence && index(step) < sequence.items().size()) {
        tree = sequence.items().get(index(step));
        at = tree.at();
      } else {
        return at;
      }
      from = bracket ? end + 1 : end;
      if (from < path.length() && path.charAt(from) == '.') {
        from++;
      }
    }
    return at;
  }

  private static int nextSeparator(String path, int from) {
    for (int i = from; i < path.length(); i++) {
      if (path.charAt(i) == '.' || path.charAt(i) == '[') {
        return i;
      }
    }
    return path.length();
  }

  private static int index(String step) {
    boolean number =
        !step.isEmpty() && step.length() < 9 && step.chars().allMatch(Character::isDigit);
    return number ? Integer.parseInt(step) : Integer.MAX_VALUE;
  }
}
