package dev.longshore.cli.option;

import dev.longshore.cli.runtime.OpenFiles;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The flags of everything that listens. */
public final class ListenerOptions {
  private static final Logger log = LoggerFactory.getLogger(ListenerOptions.class);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--http",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "0.0.0.0:8080",
      description = "Serve HTTP and WebSockets here; repeatable. Default: ${DEFAULT-VALUE}")
  private List<InetSocketAddress> http = new ArrayList<>();

  @Option(
      names = "--https",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      description = "Serve the same over TLS here; repeatable. Default: nowhere")
  private List<InetSocketAddress> https = new ArrayList<>();

  @Option(
      names = "--metrics",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "0.0.0.0:9091",
      description = "Serve /metrics, /livez and /readyz here. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress metrics = new InetSocketAddress(9091);

  @Option(
      names = "--admin",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "127.0.0.1:9090",
      description =
          "Serve the same and /config, /connections and /verdicts here. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress admin = new InetSocketAddress(9090);

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Event loops, 1 to 1024. Default: one a core")
  private int threads;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      converter = TransportConverter.class,
      defaultValue = "auto",
      description =
          "How sockets are driven: auto (epoll where there is one), epoll, io_uring or nio."
              + " Default: ${DEFAULT-VALUE}")
  private Transport transport = Transport.AUTO;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Client connections at a time, in all; further ones are closed at once. Default: what"
              + " descriptors (ulimit -n; two each, and some are kept back) and heap (8 KiB each)"
              + " suffice for")
  private int connections;

  @Option(
      names = "--max-connections-per-client",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Of those, of one IPv4 address or IPv6 /64 that is no trusted proxy. Default: all"
              + " but a 32nd of --max-connections")
  private int connectionsPerClient;

  @Option(
      names = "--max-handshakes-per-client",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "TLS handshakes that one such client begins in a second, of which 20 seconds' may come at"
              + " once; further connections are closed at once. Default: 500")
  private int handshakesPerClient;

  @Option(
      names = "--memory-budget",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      defaultValue = "0",
      description =
          "What connections may hold in network buffers, such as 256m; beyond it those are cut that"
              + " hold most. Default: half of what the JVM lets the process have outside the heap")
  private long memoryBudget;

  /**
   * The options of the data plane. If the process can't have as many connections as are asked for,
   * the log says so, once.
   *
   * @param logs how its access log is written
   * @param fewFiles where nobody says how many connections there are to be, the limit of open files
   *     below which it is told
   */
  public DataPlaneOptions dataPlane(LogFormat logs, long fewFiles) {
    if (threads < 0 || threads > 1024) {
      throw new ParameterException(
          spec.commandLine(), "--threads " + threads + ": must be 1 to 1024, or 0 for one a core");
    }
    int loops = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new DataPlaneOptions(
        http, https, metrics, admin, loops, transport, bounds(fewFiles), logs.accessLog());
  }

  private ProcessBounds bounds(long fewFiles) {
    notNegative("--max-connections", connections);
    notNegative("--max-connections-per-client", connectionsPerClient);
    notNegative("--max-handshakes-per-client", handshakesPerClient);
    int possible = OpenFiles.connections();
    if (connections > possible) {
      log.warn(
          "--max-connections {}: descriptors (ulimit -n) and heap are enough for {} connections"
              + " that have an upstream each",
          connections,
          possible);
    } else if (connections == 0) {
      OpenFiles.limit()
          .ifPresent(
              files -> {
                if (files < fewFiles) {
                  log.warn(
                      "only {} files may be open, which is enough for {} connections: raise ulimit"
                          + " -n, or say by --max-connections that so many suffice",
                      files,
                      possible);
                }
              });
    }
    int most = connections == 0 ? possible : connections;
    int mostPerClient =
        connectionsPerClient == 0 ? ProcessBounds.connectionsOfOneOf(most) : connectionsPerClient;
    ProcessBounds bounds =
        ProcessBounds.DEFAULT.memory(memoryBudget).connections(most, mostPerClient);
    return handshakesPerClient == 0 ? bounds : bounds.handshakesPerClient(handshakesPerClient);
  }

  private void notNegative(String flag, int value) {
    if (value < 0) {
      throw new ParameterException(
          spec.commandLine(), flag + " " + value + ": must be 1 or more, or 0 for the default");
    }
  }

  /** Reads the names as documented: lower case, {@code io_uring} with its underscore. */
  static final class TransportConverter implements ITypeConverter<Transport> {
    @Override
    public Transport convert(String name) {
      return switch (name) {
        case "auto" -> Transport.AUTO;
        case "epoll" -> Transport.EPOLL;
        case "io_uring" -> Transport.IO_URING;
        case "nio" -> Transport.NIO;
        default ->
            throw new TypeConversionException(
                "'" + name + "' is not one of auto, epoll, io_uring, nio");
      };
    }
  }
}
