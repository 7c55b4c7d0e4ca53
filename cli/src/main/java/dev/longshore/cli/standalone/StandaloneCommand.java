package dev.longshore.cli.standalone;

import dev.longshore.cli.option.ListenerOptions;
import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.runtime.OpenFiles;
import dev.longshore.cli.runtime.Termination;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a folder of manifests until it is told to end. */
@Command(
    name = "standalone",
    description = {
      "Serves the manifests of a folder, without a cluster, and follows the folder as files are"
          + " saved.",
      "",
      "Reads WebSocketRoute, LongshoreConfig, Ingress, IngressClass, Service, EndpointSlice, Secret"
          + " and ConfigMap from *.yaml, *.yml and *.json, also in folders below."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class StandaloneCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(StandaloneCommand.class);

  @Option(
      names = "--manifests",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the manifests")
  private Path manifests = Path.of(".");

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private LogFormat logs = new LogFormat();

  @Override
  public Integer call() throws Exception {
    PrintStream out = System.out;
    try (Standalone standalone =
        new Standalone(
            manifests,
            listeners.dataPlane(logs, OpenFiles.FEW),
            (source, watch) ->
                new Reports(new VerdictReport(out, source), watch.part("reports")))) {
      Thread.setDefaultUncaughtExceptionHandler(standalone.dataPlane().watch()::uncaught);
      standalone.start();
      out.println(
          "longshore serves "
              + manifests
              + " at "
              + Stream.concat(
                      standalone.dataPlane().boundHttp().stream().map(StandaloneCommand::url),
                      standalone.dataPlane().boundHttps().stream()
                          .map(address -> url("https", address)))
                  .collect(Collectors.joining(", "))
              + "; metrics "
              + url(standalone.dataPlane().boundMetrics())
              + "/metrics, admin "
              + url(standalone.dataPlane().boundAdmin())
              + "/config");
      out.flush();
      untilTold(standalone::shutdown);
    }
    return 0;
  }

  /** Waits for SIGTERM or SIGINT, then until everything ended politely; the second one hurries. */
  public static void untilTold(Supplier<CompletableFuture<Void>> shutdown)
      throws InterruptedException {
    var ended = new java.util.concurrent.CountDownLatch(1);
    Termination.onSignal(
        count -> {
          log.info(
              count == 1
                  ? "ending: open connections are closed politely; a second signal hurries"
                  : "hurrying");
          shutdown.get().whenComplete((done, failure) -> ended.countDown());
        });
    ended.await();
  }

  /** The address of a listener as a browser takes it. */
  public static String url(InetSocketAddress address) {
    return url("http", address);
  }

  private static String url(String scheme, InetSocketAddress address) {
    String host = address.getAddress().isAnyLocalAddress() ? "localhost" : address.getHostString();
    return scheme
        + "://"
        + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
        + ":"
        + address.getPort();
  }
}
