package dev.longshore.cli.option;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads bytes as the JVM's own flags do: {@code 512k}, {@code 256m}, {@code 2g}, or a number. */
final class SizeConverter implements ITypeConverter<Long> {
  private static final String UNITS = "kmg";
  private static final int UNIT_BITS = 10;

  @Override
  public Long convert(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int unit = lower.isEmpty() ? -1 : UNITS.indexOf(lower.charAt(lower.length() - 1));
    String digits = unit < 0 ? lower : lower.substring(0, lower.length() - 1);
    try {
      long number = Long.parseLong(digits);
      if (number >= 0) {
        return Math.multiplyExact(number, 1L << (UNIT_BITS * (unit + 1)));
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Said below.
    }
    throw new TypeConversionException("'" + text + "' is not a size such as 512k, 256m or 2g");
  }
}
