package dev.longshore.cli.option;

import dev.longshore.cli.runtime.Logging;
import dev.longshore.cli.text.Terminal;
import dev.longshore.proxy.observe.AccessLogFormat;
import picocli.CommandLine.Option;

/** The flag of everything that logs: for whom lines are written. */
public final class LogFormat {
  private Choice choice = Choice.auto;

  /** How lines are written; the names are what users type. */
  enum Choice {
    /** For people where a terminal shows them, else as JSON. */
    auto,
    /** For people. */
    text,
    /** One JSON object a line. */
    json
  }

  /** Holds from now on, for what the process logs. */
  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description =
          "text for people, json for programs, or auto: text on a terminal, else json. Default:"
              + " ${DEFAULT-VALUE}")
  void choose(Choice chosen) {
    choice = chosen;
    if (chosen != Choice.auto) {
      Logging.write(chosen == Choice.text);
    }
  }

  /** How the access log is written, whose lines go to standard output. */
  AccessLogFormat accessLog() {
    boolean text =
        switch (choice) {
          case auto -> Terminal.shows(Terminal.STDOUT);
          case text -> true;
          case json -> false;
        };
    return text ? AccessLogFormat.TEXT : AccessLogFormat.JSON;
  }
}
