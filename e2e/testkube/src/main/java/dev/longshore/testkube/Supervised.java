package dev.longshore.testkube;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A process that ends with this JVM, even if that is ended by SIGKILL: a shell waits beside it for
 * the end of a pipe that only this JVM holds.
 */
final class Supervised {
  private static final long PATIENCE_SECONDS = 30;

  private final Process shell;

  private Supervised(Process shell) {
    this.shell = shell;
  }

  /** Starts a command; what it prints is appended to a file. */
  static Supervised run(List<String> command, Path log) {
    return start("supervise.sh", command, log);
  }

  /** Removes a directory when this is killed or the JVM ends. */
  static Supervised janitor(Path directory) {
    return start("remove.sh", List.of(directory.toString()), Path.of("/dev/null"));
  }

  private static Supervised start(String script, List<String> arguments, Path log) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", read(script), "testkube"));
    command.addAll(arguments);
    try {
      return new Supervised(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(String resource) {
    try (InputStream in =
        Objects.requireNonNull(Supervised.class.getResourceAsStream(resource), resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return shell.isAlive();
  }

  /** Ends it by SIGTERM, after 30 s by SIGKILL, and waits until it is gone. */
  void stop() {
    // Not the process's own destroy(): it closes the pipe as well, which would kill.
    shell.toHandle().destroy();
    if (!gone()) {
      kill();
    }
  }

  /** Ends it by SIGKILL and waits until it is gone. */
  void kill() {
    try {
      shell.getOutputStream().close();
    } catch (IOException e) {
      // It has ended by itself.
    }
    if (!gone()) {
      throw new IllegalStateException("a killed process did not end: " + shell.info());
    }
  }

  private boolean gone() {
    try {
      return shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process was ending", e);
    }
  }
}
