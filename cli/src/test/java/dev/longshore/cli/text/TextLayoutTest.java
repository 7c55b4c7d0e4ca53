package dev.longshore.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a person reads in the log. */
final class TextLayoutTest {
  private static String line(Level level, String message, @Nullable Throwable thrown) {
    LoggingEvent event =
        new LoggingEvent(
            "", new LoggerContext().getLogger("dev.longshore.Any"), level, message, thrown, null);
    event.setTimeStamp(59_000);
    return new TextLayout(ZoneOffset.UTC).doLayout(event);
  }

  @Test
  void isTimeLevelAndSentence() {
    assertThat(line(Level.INFO, "it serves", null)).isEqualTo("00:00:59 INFO  it serves\n");
    assertThat(line(Level.ERROR, "it ends", null)).isEqualTo("00:00:59 ERROR it ends\n");
  }

  @Test
  void saysWhyWithoutAStackWhereNothingIsWrongInThisProcess() {
    assertThat(line(Level.WARN, "can't write", new IOException("disk full")))
        .isEqualTo("00:00:59 WARN  can't write: disk full\n");
    assertThat(line(Level.WARN, "can't write", new IOException()))
        .isEqualTo("00:00:59 WARN  can't write: IOException\n");
  }

  @Test
  void hasTheStackOfABug() {
    assertThat(line(Level.ERROR, "a task failed", new IllegalStateException("bug")))
        .startsWith("00:00:59 ERROR a task failed\n  java.lang.IllegalStateException: bug\n")
        .contains("\n    at dev.longshore.cli.text.TextLayoutTest.");
  }

  @Test
  void nothingForgesALineOrReachesTheTerminalAsAnOrder() {
    assertThat(line(Level.WARN, "host a\n00:00:59 INFO  b\u001b[2J\u009b1m\u202e é", null))
        .isEqualTo("00:00:59 WARN  host a\\u000a00:00:59 INFO  b\\u001b[2J\\u009b1m\\u202e é\n");
    assertThat(line(Level.WARN, "x", new IllegalStateException("a\n00:00:59 INFO  b")).lines())
        .filteredOn(l -> l.startsWith("00:00:59"))
        .hasSize(1);
  }
}
