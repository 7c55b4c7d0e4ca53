package dev.longshore.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows in a browser what Longshore does while its manifests are edited. */
@Command(
    name = "demo",
    description = {
      "Serves a copy of deploy/samples with two echo backends of its own (127.0.0.1:3001 and 3002)"
          + " and a page that shows what an edit does to open WebSockets: nothing."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where the samples are copied to, for you to edit. Default: .longshore/demo")
  private @Nullable Path folder;

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Override
  public Integer call() throws Exception {
    PrintStream out = System.out;
    Path home = Build.home();
    Path samples = home.resolve("deploy/samples");
    if (!Files.isDirectory(samples)) {
      throw new StartException("the samples are missing: there is no folder " + samples);
    }
    Path target = folder == null ? home.resolve(".longshore/demo") : folder;
    StandaloneCommand.warnOfFewFiles();
    try (Demo demo =
        new Demo(samples, target, List.of(Demo.BLUE, Demo.GREEN), listeners.dataPlane(), out)) {
      out.println();
      out.println(
          "  Open  "
              + StandaloneCommand.url(demo.standalone().dataPlane().boundHttp().getFirst())
              + "/");
      out.println("  Edit  " + demo.folder().resolve("websocket.yaml"));
      out.println("        and watch the page: no open connection notices. Ctrl-C ends the demo.");
      out.println();
      out.flush();
      StandaloneCommand.untilTold(demo.standalone());
    }
    return 0;
  }
}
