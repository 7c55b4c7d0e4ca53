package dev.longshore.cli;

import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.option.SocketAddressConverter;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.runtime.Termination;
import dev.longshore.operator.Operator;
import dev.longshore.operator.OperatorOptions;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs one replica of the operator until it is told to end. */
@Command(
    name = "operator",
    description = {
      "Follows a Kubernetes cluster and serves data planes what its WebSocketRoutes and Ingresses"
          + " mean.",
      "",
      "Every replica serves; the one that holds the Lease longshore-operator writes status and"
          + " Events."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class OperatorCommand implements Callable<Integer> {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final Logger log = LoggerFactory.getLogger(OperatorCommand.class);

  @Spec private CommandSpec spec;

  @Option(
      names = "--push",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "0.0.0.0:9443",
      description = "Serve data planes here. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress push = new InetSocketAddress(9443);

  @Option(
      names = "--metrics",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "0.0.0.0:9091",
      description = "Serve /metrics, /livez and /readyz here. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress metrics = new InetSocketAddress(9091);

  @Option(
      names = "--namespace",
      paramLabel = "NS",
      description =
          "The operator's own namespace, which is also the data planes'. Default: the"
              + " environment's POD_NAMESPACE, else longshore-system")
  private @Nullable String namespace;

  @Option(
      names = "--watch-namespaces",
      paramLabel = "NS",
      split = ",",
      description = "Serve the resources of these namespaces only. Default: all")
  private List<String> watchNamespaces = new ArrayList<>();

  @Option(
      names = "--ingress-class",
      paramLabel = "NAME",
      split = ",",
      description =
          "Serve only these IngressClasses of controller longshore.dev/ingress-controller."
              + " Default: all of them")
  private List<String> ingressClasses = new ArrayList<>();

  @Option(
      names = "--allow-static-endpoints",
      description =
          "Let routes name endpoints by address. Whoever may write routes can then have data planes"
              + " connect to any address that they reach")
  private boolean staticEndpoints;

  @Option(
      names = "--allow-external-names",
      description =
          "Let Services of type ExternalName be upstreams: their names are resolved by the"
              + " operator. Whoever may write Services can then choose where data planes connect"
              + " to")
  private boolean externalNames;

  @Option(
      names = "--publish-status-address",
      paramLabel = "IP|HOST",
      split = ",",
      description =
          "Where clients reach the data planes, for the status of routes and Ingresses. Default:"
              + " the addresses of the data planes' Service")
  private List<String> statusAddresses = new ArrayList<>();

  @Option(
      names = "--dataplane-service",
      paramLabel = "NAME",
      defaultValue = "longshore-dataplane",
      description =
          "Service of the data planes, in the operator's namespace. Default: ${DEFAULT-VALUE}")
  private String dataPlaneService = "longshore-dataplane";

  @Option(
      names = "--dataplane-service-account",
      paramLabel = "NAME",
      defaultValue = "longshore-dataplane",
      description =
          "Service account of the data planes, in the operator's namespace: nobody else is served."
              + " Default: ${DEFAULT-VALUE}")
  private String dataPlaneServiceAccount = "longshore-dataplane";

  @Option(
      names = "--push-service",
      paramLabel = "NAME",
      defaultValue = "longshore-operator-push",
      description =
          "Service that data planes connect through, for the names of the serving certificate."
              + " Default: ${DEFAULT-VALUE}")
  private String pushService = "longshore-operator-push";

  @Mixin private LogFormat logs = new LogFormat();

  private OperatorCommand(CommandSpec spec) {
    this.spec = spec;
  }

  /** Made by picocli, which sets the rest. */
  OperatorCommand() {
    this(CommandSpec.create());
  }

  @Override
  public Integer call() throws Exception {
    OperatorOptions options = options();
    Config cluster = Config.autoConfigure(null);
    log.info("follows the cluster at {}", cluster.getMasterUrl());
    try (Operator operator = new Operator(options, cluster)) {
      Thread.setDefaultUncaughtExceptionHandler(operator.watch()::uncaught);
      operator.start();
      CountDownLatch told = new CountDownLatch(1);
      Termination.onSignal(count -> told.countDown());
      told.await();
      log.info("ending: the Lease is given up, and data planes are told");
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw new StartException("the cluster can't be reached: " + e.getMessage());
    }
    return 0;
  }

  OperatorOptions options() {
    String own = namespace != null ? namespace : environment("POD_NAMESPACE", "longshore-system");
    check("--namespace", own, LABEL);
    check("--dataplane-service", dataPlaneService, LABEL);
    check("--dataplane-service-account", dataPlaneServiceAccount, NAME);
    check("--push-service", pushService, LABEL);
    Set<String> watched = each("--watch-namespaces", watchNamespaces, LABEL);
    Set<String> classes = each("--ingress-class", ingressClasses, NAME);
    statusAddresses.forEach(this::checkAddress);
    return new OperatorOptions(
        push,
        metrics,
        own,
        environment("POD_NAME", hostName()),
        watched,
        classes,
        staticEndpoints,
        externalNames,
        statusAddresses,
        dataPlaneService,
        dataPlaneServiceAccount,
        pushService);
  }

  private Set<String> each(String flag, List<String> values, Pattern form) {
    values.forEach(value -> check(flag, value, form));
    return new LinkedHashSet<>(values);
  }

  private void check(String flag, String value, Pattern form) {
    if (!form.matcher(value).matches()) {
      throw new ParameterException(
          spec.commandLine(),
          flag + " " + value + ": is not a name: lower-case letters, digits and '-'");
    }
  }

  private void checkAddress(String text) {
    if (NAME.matcher(text).matches()) {
      return;
    }
    try {
      InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--publish-status-address " + text + ": is neither an IP address nor a host name");
    }
  }

  private static String environment(String name, String byDefault) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? byDefault : value;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "longshore-operator";
    }
  }
}
