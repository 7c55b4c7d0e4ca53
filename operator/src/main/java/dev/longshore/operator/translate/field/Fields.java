package dev.longshore.operator.translate.field;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers and durations of one part of a manifest, each with its default and bounds.
 *
 * @param path from a field ({@code keepalive.idleTimeout}) to its field path
 * @param problems hears of what is wrong; with a fault, what is read must not be used
 */
public record Fields(UnaryOperator<String> path, Problems problems) {

  /** A number, or the default when there is none. */
  public int number(String field, @Nullable Integer value, int byDefault, int least, int most) {
    if (value == null) {
      return byDefault;
    }
    Integer number = problems.parse(path.apply(field), () -> within(value, least, most));
    return number == null ? byDefault : number;
  }

  /** A duration, or the default when there is none. */
  public Duration duration(
      String field, @Nullable String text, Duration byDefault, Duration least) {
    if (text == null) {
      return byDefault;
    }
    Duration duration =
        problems.parse(
            path.apply(field), () -> GatewayDurations.parse(text, least, GatewayDurations.LONGEST));
    return duration == null ? byDefault : duration;
  }

  /** A field's value is not taken as it is, and nothing is closed for that. */
  public void note(String field, String message) {
    problems.note(Reason.INVALID, path.apply(field), message);
  }

  /** A field's value is not right. */
  public void wrong(String field, String message) {
    problems.fault(Reason.INVALID, path.apply(field), message);
  }

  /**
   * The number.
   *
   * @throws IllegalArgumentException if it is outside the bounds
   */
  public static int within(int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          value + " is out of bounds: from " + least + " to " + most);
    }
    return value;
  }
}
