package dev.longshore.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code longshore} command. */
@Command(
    name = "longshore",
    description = "An ingress controller for long-lived connections.",
    mixinStandardHelpOptions = true,
    versionProvider = Build.class,
    sortOptions = false,
    subcommands = {
      StandaloneCommand.class,
      OperatorCommand.class,
      DataPlaneCommand.class,
      CheckCommand.class,
      MigrateCommand.class,
      VersionCommand.class,
      DemoCommand.class,
      EchoCommand.class,
      TrainCommand.class
    },
    footer = {"", "Start with: ./longshore demo"})
public final class Longshore implements Runnable {
  /** {@code check} found errors in manifests. */
  static final int EXIT_ERRORS = 1;

  /** Wrong usage. */
  static final int EXIT_USAGE = 2;

  /** Could not start, or failed. */
  static final int EXIT_FAILED = 3;

  @Spec private CommandSpec spec;

  private Longshore(CommandSpec spec) {
    this.spec = spec;
  }

  /** Made by {@link CommandLine}, which sets the rest. */
  Longshore() {
    this(CommandSpec.create());
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    DirectMemory.boundNetty();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Longshore());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          PrintWriter err = command.getErr();
          if (e instanceof StartException start) {
            err.println("longshore: " + start.getMessage());
          } else {
            err.println("longshore: unexpected failure, please report it:");
            e.printStackTrace(err);
          }
          return EXIT_FAILED;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }
}
