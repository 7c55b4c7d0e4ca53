package dev.longshore.cli.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The limit of open files as Linux states it. */
final class OpenFilesTest {
  private static final String LIMITS =
      """
      Limit                     Soft Limit           Hard Limit           Units
      Max stack size            8388608              unlimited            bytes
      Max open files            1024                 524288               files
      """;

  @Test
  void isTheSoftOne() {
    assertThat(OpenFiles.parse(LIMITS)).hasValue(1024);
  }

  @Test
  void isUnknownWhenThereIsNone() {
    assertThat(OpenFiles.parse(LIMITS.replace("1024  ", "unlimited"))).isEmpty();
    assertThat(OpenFiles.parse("")).isEmpty();
  }
}
