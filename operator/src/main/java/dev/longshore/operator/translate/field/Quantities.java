package dev.longshore.operator.translate.field;

import dev.longshore.operator.translate.verdict.Quote;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads sizes in bytes as Kubernetes writes them: {@code 8192}, {@code 64Ki}, {@code 1M}. */
public final class Quantities {
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,9})(k|M|G|Ki|Mi|Gi)?");

  private Quantities() {}

  /**
   * The number of bytes.
   *
   * @throws IllegalArgumentException if the text isn't one, or is outside the bounds; says what
   *     would be right
   */
  public static long parse(String text, long least, long most) {
    Matcher matcher = BYTES.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a number of bytes such as 8192, 64Ki or 1Mi");
    }
    long bytes = Long.parseLong(matcher.group(1)) * factor(matcher.group(2));
    if (bytes < least || bytes > most) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is out of bounds: from " + least + " to " + most + " bytes");
    }
    return bytes;
  }

  private static long factor(@Nullable String suffix) {
    if (suffix == null) {
      return 1;
    }
    return switch (suffix) {
      case "k" -> 1_000L;
      case "M" -> 1_000_000L;
      case "G" -> 1_000_000_000L;
      case "Ki" -> 1L << 10;
      case "Mi" -> 1L << 20;
      default -> 1L << 30;
    };
  }
}
