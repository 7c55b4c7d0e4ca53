package dev.longshore.cli.demo;

import dev.longshore.cli.option.ListenerOptions;
import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.runtime.Build;
import dev.longshore.cli.runtime.OpenFiles;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.standalone.StandaloneCommand;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows in a browser what Longshore does while its manifests are edited. */
@Command(
    name = "demo",
    description = {
      "Serves a copy of deploy/samples with two echo backends of its own (127.0.0.1:3001 and 3002)"
          + " and a page that shows what an edit does to open WebSockets: nothing."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where the samples are copied to, for you to edit. Default: .longshore/demo")
  private @Nullable Path folder;

  @Option(
      names = "--backends",
      paramLabel = "PORT,PORT",
      split = ",",
      defaultValue = Demo.BLUE + "," + Demo.GREEN,
      description =
          "Ports of the two backends on 127.0.0.1, put into the copy; 0 picks a free one. Default:"
              + " ${DEFAULT-VALUE}")
  private List<Integer> backends = List.of();

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private LogFormat logs = new LogFormat();

  @Override
  public Integer call() throws Exception {
    PrintStream out = System.out;
    if (backends.size() != 2 || backends.stream().anyMatch(port -> port < 0 || port > 65535)) {
      throw new ParameterException(
          spec.commandLine(), "--backends wants two ports, such as 3001,3002; found " + backends);
    }
    Path home = Build.home();
    Path samples = home.resolve("deploy/samples");
    if (!Files.isDirectory(samples)) {
      throw new StartException("the samples are missing: there is no folder " + samples);
    }
    Path target = folder == null ? home.resolve(".longshore/demo") : folder;
    try (Demo demo =
        new Demo(samples, target, backends, listeners.dataPlane(logs, OpenFiles.FEW), out)) {
      out.println();
      out.println(
          "  Open  "
              + StandaloneCommand.url(demo.standalone().dataPlane().boundHttp().getFirst())
              + "/");
      out.println("  Edit  " + demo.folder().resolve("websocket.yaml"));
      out.println("        and watch the page: no open connection notices. Ctrl-C ends the demo.");
      out.println();
      out.flush();
      StandaloneCommand.untilTold(demo.standalone()::shutdown);
    }
    return 0;
  }
}
