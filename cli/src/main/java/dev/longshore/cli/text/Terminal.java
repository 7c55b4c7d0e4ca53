package dev.longshore.cli.text;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks on. */
public final class Terminal {
  /** Descriptor of standard output. */
  public static final int STDOUT = 1;

  /** Descriptor of standard error. */
  public static final int STDERR = 2;

  private Terminal() {}

  /**
   * Whether a terminal shows what is written to a descriptor. Each is asked for itself where the
   * system tells (Linux), for one may be redirected without the other; elsewhere the answer is for
   * standard input and output together.
   */
  public static boolean shows(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      if (Files.isSymbolicLink(link)) {
        return isTerminal(Files.readSymbolicLink(link).toString());
      }
    } catch (IOException e) {
      // Not told: asked as where there is no /proc.
    }
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  public static boolean isTerminal(String device) {
    return device.startsWith("/dev/pts/")
        || device.startsWith("/dev/tty")
        || device.equals("/dev/console");
  }
}
