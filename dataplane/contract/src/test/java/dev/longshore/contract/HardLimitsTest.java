package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HardLimitsTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", "."), "..", "..", "docs", "limits.md");

  static Field[] limits() {
    return HardLimits.class.getFields();
  }

  /** A row of the page's tables: {@code | `NAME` | value | ...}. */
  @ParameterizedTest
  @MethodSource("limits")
  void thePageNamesEachWithItsValue(Field limit) throws Exception {
    assertThat(page()).contains("| `%s` | %,d".formatted(limit.getName(), number(limit)));
  }

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  private static long number(Field limit) throws IllegalAccessException {
    return ((Number) limit.get(null)).longValue();
  }
}
