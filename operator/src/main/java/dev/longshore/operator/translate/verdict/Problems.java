package dev.longshore.operator.translate.verdict;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with a part of a manifest, each thing once.
 *
 * <p>A <em>fault</em> keeps the rules concerned from being served; a warning or a note doesn't.
 */
public final class Problems {
  private final SequencedSet<Problem> found = new LinkedHashSet<>();
  private @Nullable Problem firstFault;

  /** Something because of which the rules concerned are not served. */
  public void fault(Reason reason, String fieldPath, String message) {
    fault(Problem.warning(reason, fieldPath, message));
  }

  /** Adds one that closes what it is about. */
  public void fault(Problem problem) {
    found.add(problem);
    if (firstFault == null) {
      firstFault = problem;
    }
  }

  /** Something that is not as wanted, and without which the rules go on. */
  public void warn(Reason reason, String fieldPath, String message) {
    found.add(Problem.warning(reason, fieldPath, message));
  }

  /** Something good to know. */
  public void note(Reason reason, String fieldPath, String message) {
    found.add(Problem.note(reason, fieldPath, message));
  }

  /** Takes over what another found, faults as faults. */
  public void addAll(Problems other) {
    found.addAll(other.found);
    if (firstFault == null) {
      firstFault = other.firstFault;
    }
  }

  /** Takes over what another found, of which nothing concerns the rules here. */
  public void mention(Problems other) {
    found.addAll(other.found);
  }

  /**
   * What the parser gives; null, and an {@link Reason#INVALID} fault, when it throws
   * IllegalArgumentException.
   */
  public <T> @Nullable T parse(String fieldPath, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      fault(Reason.INVALID, fieldPath, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** The first fault, or null when the rules can be served. */
  public @Nullable Problem firstFault() {
    return firstFault;
  }

  /** How many there are so far. */
  public int size() {
    return found.size();
  }

  /** Whether one of them keeps its rule from being served. */
  public boolean hasFault() {
    return firstFault != null;
  }

  /** All of them, in order. */
  public List<Problem> all() {
    return new ArrayList<>(found);
  }
}
