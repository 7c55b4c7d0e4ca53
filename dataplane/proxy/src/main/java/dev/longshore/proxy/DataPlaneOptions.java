package dev.longshore.proxy;

import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.observe.AccessLogFormat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What only a restart can change: addresses, threads and transport. Everything else comes with the
 * snapshot.
 *
 * @param http addresses of the plain HTTP listeners, at least one; port 0 picks a free one
 * @param https addresses of the TLS listeners; may be empty
 * @param metrics address of /metrics, /livez and /readyz
 * @param admin address of the same and of /config and /connections
 * @param threads event loops, 1 to 1024
 * @param transport how sockets are driven
 * @param bounds what all connections together may take of the process
 * @param accessLog how the lines of the access log are written
 */
public record DataPlaneOptions(
    List<InetSocketAddress> http,
    List<InetSocketAddress> https,
    InetSocketAddress metrics,
    InetSocketAddress admin,
    int threads,
    Transport transport,
    ProcessBounds bounds,
    AccessLogFormat accessLog) {

  /** With the default bounds. */
  public DataPlaneOptions(
      List<InetSocketAddress> http,
      List<InetSocketAddress> https,
      InetSocketAddress metrics,
      InetSocketAddress admin,
      int threads,
      Transport transport) {
    this(http, https, metrics, admin, threads, transport, ProcessBounds.DEFAULT);
  }

  /** With an access log for programs. */
  public DataPlaneOptions(
      List<InetSocketAddress> http,
      List<InetSocketAddress> https,
      InetSocketAddress metrics,
      InetSocketAddress admin,
      int threads,
      Transport transport,
      ProcessBounds bounds) {
    this(http, https, metrics, admin, threads, transport, bounds, AccessLogFormat.JSON);
  }

  public DataPlaneOptions {
    http = List.copyOf(http);
    https = List.copyOf(https);
    if (http.isEmpty()) {
      throw new IllegalArgumentException("no --http address: at least one is needed");
    }
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads " + threads + ": 1 to 1024 are possible");
    }
  }

  /** How sockets are driven. */
  public enum Transport {
    /** epoll where it works, else NIO. */
    AUTO,
    /** Linux epoll, natively. */
    EPOLL,
    /** Linux io_uring, natively; blocked by many container seccomp profiles. */
    IO_URING,
    /** The JDK's selector. */
    NIO;

    /**
     * The transport itself.
     *
     * @throws IOException if it doesn't work here; the message says why
     */
    SocketTransport open() throws IOException {
      return switch (this) {
        case AUTO -> SocketTransport.best();
        case EPOLL -> SocketTransport.epoll();
        case IO_URING -> SocketTransport.ioUring();
        case NIO -> SocketTransport.nio();
      };
    }
  }
}
