package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.Quantities;
import dev.longshore.operator.translate.verdict.Problems;
import java.time.Duration;
import java.util.function.Function;

/**
 * A text of one line that means something.
 *
 * @param parser throws IllegalArgumentException, and says what would be right
 * @param accepts for documentation
 */
record Text<T>(Function<String, T> parser, String accepts) implements Form<String, T> {
  /** A duration of at least so much. */
  static Text<Duration> duration(Duration least) {
    return new Text<>(
        text -> GatewayDurations.parse(text, least, GatewayDurations.LONGEST),
        "duration: `500ms`, `30s`, `1h`");
  }

  /** A size in bytes; 0 is none. */
  static Text<Long> bytes() {
    return new Text<>(
        text -> Quantities.parse(text, 0, Long.MAX_VALUE),
        "bytes: `65536`, `64Ki`, `1Mi`; 0: no limit");
  }

  @Override
  public String ofText(String text) {
    return text;
  }

  @Override
  public T read(String value, String path, Problems problems) {
    return parser.apply(value);
  }
}
