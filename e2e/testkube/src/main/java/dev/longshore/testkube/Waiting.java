package dev.longshore.testkube;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a process to become what it should be, and says what it logged when it doesn't. */
final class Waiting {
  /** Generous: a test machine may be busy with much else. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int LINES_SHOWN = 20;

  private Waiting() {}

  /**
   * Returns when the condition holds.
   *
   * @throws IllegalStateException with the end of the log, when the process ends or 3 minutes pass
   */
  static void until(String what, Supervised process, Path log, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new IllegalStateException("ended before " + what + "; its log:\n" + tail(log));
      }
      if (System.nanoTime() - began > LIMIT.toNanos()) {
        throw new IllegalStateException(
            "not after " + LIMIT.toSeconds() + " s: " + what + "; its log:\n" + tail(log));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return log + " can't be read: " + e.getMessage();
    }
  }
}
