package dev.longshore.contract;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as the Gateway API writes them (GEP-2257): {@code 1h30m}, {@code 500ms}, {@code 0s}.
 */
public final class Durations {
  /** The longest that the API can say: four times {@code 99999h}. */
  public static final Duration MAX = Duration.ofHours(399_996);

  private static final Pattern FORM =
      Pattern.compile(
          "(?=.)(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?(?:([0-9]{1,6})ms)?");

  private Durations() {}

  /** Whether {@link #format} and {@link #parse} keep it: whole milliseconds from 0 to the bound. */
  static boolean representable(Duration duration) {
    return !duration.isNegative()
        && duration.compareTo(MAX) <= 0
        && duration.getNano() % 1_000_000 == 0;
  }

  /**
   * The shortest form; what has none is written as ISO 8601, which {@link #parse} refuses, so that
   * every duration has a canonical form.
   */
  public static String format(Duration duration) {
    if (!representable(duration)) {
      return duration.toString();
    }
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    append(text, duration.toHours(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    return text.toString();
  }

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException if it is none, or beyond the bound
   */
  static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("is not a duration such as 500ms, 30s or 1h30m");
    }
    Duration duration =
        Duration.ofHours(part(matcher, 1))
            .plusMinutes(part(matcher, 2))
            .plusSeconds(part(matcher, 3))
            .plusMillis(part(matcher, 4));
    if (duration.compareTo(MAX) > 0) {
      throw new IllegalArgumentException("is longer than " + format(MAX));
    }
    return duration;
  }

  private static long part(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount > 0) {
      text.append(amount).append(unit);
    }
  }
}
