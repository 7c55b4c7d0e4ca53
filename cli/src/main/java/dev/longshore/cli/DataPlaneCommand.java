package dev.longshore.cli;

import dev.longshore.cli.option.DurationConverter;
import dev.longshore.cli.option.HostPortConverter;
import dev.longshore.cli.option.ListenerOptions;
import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.runtime.Build;
import dev.longshore.cli.runtime.LocalPorts;
import dev.longshore.cli.runtime.OpenFiles;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.standalone.StandaloneCommand;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.subscribe.SubscriptionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves what an operator pushes until it is told to end. */
@Command(
    name = "dataplane",
    description = {
      "Serves what the operator pushes. Reads nothing from Kubernetes itself.",
      "",
      "It connects to every replica of the operator, and keeps serving the last table that it"
          + " applied while there is none."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DataPlaneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--operator",
      paramLabel = "HOST:PORT",
      converter = HostPortConverter.class,
      defaultValue = "longshore-operator-push.longshore-system.svc:9443",
      description =
          "The operator's push port; every address of the name is one replica, and the name has to"
              + " be in their certificates. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress operator = InetSocketAddress.createUnresolved("localhost", 9443);

  @Option(
      names = "--operator-ca",
      paramLabel = "FILE",
      defaultValue = "/var/run/longshore/ca/ca.crt",
      description =
          "CA bundle that the replicas' certificates come from, PEM; read again for each"
              + " connection. Default: ${DEFAULT-VALUE}")
  private Path ca = Path.of("ca.crt");

  @Option(
      names = "--token",
      paramLabel = "FILE",
      defaultValue = "/var/run/secrets/longshore/token",
      description =
          "Service-account token of audience longshore-push; read again for each connection."
              + " Default: ${DEFAULT-VALUE}")
  private Path token = Path.of("token");

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Keep the applied table here, and start from it. Memory-backed (tmpfs, emptyDir with"
              + " medium Memory), for certificates are kept on such alone. Default: nothing is"
              + " kept")
  private @Nullable Path state;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description =
          "This data plane's own name. Default: the environment's POD_NAME, else the host's name")
  private @Nullable String node;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      defaultValue = "default",
      description = "The data planes that are configured alike. Default: ${DEFAULT-VALUE}")
  private String group = "default";

  @Option(
      names = "--termination-grace",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "How long whoever runs this waits until it kills it, such as 100s: in a pod its"
              + " terminationGracePeriodSeconds. If the drain that LongshoreConfig wants does not"
              + " fit, the log says so. Default: not checked")
  private @Nullable Duration terminationGrace;

  @Option(
      names = "--pre-stop",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "0s",
      description =
          "How much of that is over before SIGTERM: in a pod its preStop. Default:"
              + " ${DEFAULT-VALUE}")
  private Duration preStop = Duration.ZERO;

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private LogFormat logs = new LogFormat();

  private DataPlaneCommand(CommandSpec spec) {
    this.spec = spec;
  }

  /** Made by picocli, which sets the rest. */
  DataPlaneCommand() {
    this(CommandSpec.create());
  }

  @Override
  public Integer call() throws Exception {
    lookUpOften();
    SubscriptionOptions subscription = subscription();
    LocalPorts.warnOfFew();
    try (DataPlane dataPlane =
        new DataPlane(listeners.dataPlane(logs, OpenFiles.FEW_FOR_MANY_CLIENTS))) {
      Thread.setDefaultUncaughtExceptionHandler(dataPlane.watch()::uncaught);
      try {
        dataPlane.start();
      } catch (IOException e) {
        throw new StartException(String.valueOf(e.getMessage()));
      }
      if (terminationGrace != null) {
        dataPlane.checkGrace(terminationGrace, preStop);
      }
      dataPlane.subscribe(subscription);
      StandaloneCommand.untilTold(dataPlane::shutdown);
    }
    return 0;
  }

  private SubscriptionOptions subscription() {
    if (state != null && Files.exists(state) && !Files.isDirectory(state)) {
      throw wrong("--state " + state + ": is a file; must be a folder");
    }
    try {
      return new SubscriptionOptions(
          operator.getHostString(),
          operator.getPort(),
          ca,
          token,
          state,
          node == null ? ownName() : node,
          group,
          Build.version());
    } catch (IllegalArgumentException e) {
      throw wrong("--" + e.getMessage());
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String ownName() {
    String pod = System.getenv("POD_NAME");
    if (pod != null && !pod.isEmpty()) {
      return pod;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }

  /**
   * By default Java believes an answer for 30 s, and a missing one for 10. Before the first
   * look-up, which is when these are read.
   */
  private static void lookUpOften() {
    Security.setProperty("networkaddress.cache.ttl", "3");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
  }
}
