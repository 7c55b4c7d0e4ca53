package dev.longshore.cli;

import dev.longshore.cli.check.CheckCommand;
import dev.longshore.cli.demo.DemoCommand;
import dev.longshore.cli.demo.EchoCommand;
import dev.longshore.cli.migrate.MigrateCommand;
import dev.longshore.cli.option.DirectMemory;
import dev.longshore.cli.runtime.Build;
import dev.longshore.cli.runtime.ExitCode;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.standalone.StandaloneCommand;
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

  /** The command line, with what exit codes exceptions end in. */
  public static CommandLine commandLine() {
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
          return ExitCode.FAILED;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }
}
