package dev.longshore.operator.translate.field;

import dev.longshore.contract.Durations;
import dev.longshore.operator.translate.verdict.Quote;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads durations as Gateway API lets people write them (GEP-2257): {@code 500ms}, {@code 30s},
 * {@code 1h30m}, in any order of units; the contract has each in one form alone.
 */
public final class GatewayDurations {
  /** The longest that the notation can say. */
  public static final Duration LONGEST = Durations.MAX;

  private static final int LONGEST_TEXT = 28;
  // Possessive and bounded: linear whatever the text.
  private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}+");
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})(h|ms|m|s)");

  private GatewayDurations() {}

  /**
   * The duration.
   *
   * @throws IllegalArgumentException if the text isn't one, or is outside the bounds; says what
   *     would be right
   */
  public static Duration parse(String text, Duration least, Duration most) {
    if (text.length() > LONGEST_TEXT || !WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a duration such as 500ms, 30s or 1h30m");
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      sum = sum.plus(of(Integer.parseInt(part.group(1)), part.group(2)));
    }
    if (sum.compareTo(least) < 0 || sum.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is out of bounds: from "
              + Durations.format(least)
              + " to "
              + Durations.format(most));
    }
    return sum;
  }

  private static Duration of(int count, String unit) {
    return switch (unit) {
      case "h" -> Duration.ofHours(count);
      case "m" -> Duration.ofMinutes(count);
      case "s" -> Duration.ofSeconds(count);
      default -> Duration.ofMillis(count);
    };
  }
}
