package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** The annotations that state leaves of policies. */
public final class PolicyAnnotations {
  /** How the names of Longshore's own annotations begin. */
  public static final String PREFIX = "longshore.dev/";

  private PolicyAnnotations() {}

  /** Where an annotation stands in a manifest, without the prefix that all have. */
  public static String path(String annotation) {
    return "metadata.annotations[" + PREFIX + annotation + "]";
  }

  /** Their names behind {@code longshore.dev/}. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (Leaf<?, ?> leaf : PolicyReader.leaves()) {
      if (leaf.annotation() != null) {
        names.add(leaf.annotation());
      }
    }
    return names;
  }

  /**
   * What annotations state. A value that could not stand in a field is passed over, and told; it is
   * a fault where going on without it could open something.
   *
   * @param values by name
   * @param path from a name to the field path
   */
  public static Statements read(
      Map<String, String> values, UnaryOperator<String> path, Problems problems) {
    Statements statements = new Statements(Mistakes.WARN);
    for (Leaf<?, ?> leaf : PolicyReader.leaves()) {
      String annotation = leaf.annotation();
      String text = annotation == null ? null : values.get(annotation);
      if (annotation != null && text != null) {
        state(leaf, text, path.apply(annotation), statements, problems);
      }
    }
    return statements;
  }

  private static <V> void state(
      Leaf<V, ?> leaf, String text, String path, Statements statements, Problems problems) {
    try {
      statements.state(leaf, leaf.form().ofText(text), path);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      if (leaf.closes()) {
        problems.fault(Reason.INVALID, path, message);
      } else {
        problems.warn(Reason.INVALID_ANNOTATION, path, message);
      }
    }
  }
}
