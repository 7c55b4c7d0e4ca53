package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.verdict.Quote;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as nginx reads them ({@code ngx_parse_time}): a number is of seconds; with units {@code
 * 1h30m} or {@code 1h 30m}. ingress-nginx takes whole seconds alone, and what people write all the
 * same is taken for what it says.
 */
final class NginxTime {
  /** What an annotation of ours can say in one unit. */
  private static final Duration LONGEST = Duration.ofHours(99_999);

  // Bounded and possessive: linear whatever the text.
  private static final Pattern WHOLE =
      Pattern.compile("[0-9]{1,9}+|(?:[0-9]{1,9}+(?:ms|[smhdw]) ?){1,6}+");
  private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|[smhdw]|)");
  private static final int LONGEST_TEXT = 64;

  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "", Duration.ofSeconds(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  private NginxTime() {}

  /**
   * The time, at most as long as annotations of ours can say.
   *
   * @throws IllegalArgumentException if it isn't one, or is none at all; says what would be right
   */
  static Duration parse(String text) {
    if (text.length() > LONGEST_TEXT || !WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a time: write whole seconds, such as 3600");
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      Duration unit = UNITS.getOrDefault(part.group(2), Duration.ZERO);
      sum = sum.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
    }
    if (sum.isZero()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " would end everything at once with nginx: write how many seconds");
    }
    return sum.compareTo(LONGEST) > 0 ? LONGEST : sum;
  }
}
