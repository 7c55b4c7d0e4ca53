package dev.longshore.operator.source.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document's text as a tree.
 *
 * @param tree null when there is nothing, only comments or blanks
 * @param remarks what kubectl takes without a word, and its author may not have meant
 */
record Parsed(@Nullable Tree tree, List<Fault> remarks) {
  /** What is said of one document; whoever repeats a million keys has been told by then. */
  private static final int MOST_REMARKS = 20;

  Parsed {
    remarks = List.copyOf(remarks.subList(0, Math.min(MOST_REMARKS, remarks.size())));
  }

  /** What is said of a key that stands twice. */
  static Fault repeated(Tree.Entry first, Tree.Entry again) {
    int below = again.keyAt().line() - first.keyAt().line();
    String where =
        below == 0
            ? "in this line"
            : below == 1 ? "a line below the first" : below + " lines below the first";
    return new Fault(
        again.keyAt(),
        "",
        "the key "
            + again.key()
            + " stands here again, "
            + where
            + "; the last counts, as kubectl has it: remove one");
  }
}
