package dev.longshore.cli;

import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The flags of everything that listens. */
final class ListenerOptions {
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

  /** The options of the data plane. */
  DataPlaneOptions dataPlane() {
    if (threads < 0 || threads > 1024) {
      throw new ParameterException(
          spec.commandLine(), "--threads " + threads + ": must be 1 to 1024, or 0 for one a core");
    }
    int loops = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new DataPlaneOptions(http, https, metrics, admin, loops, transport);
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
