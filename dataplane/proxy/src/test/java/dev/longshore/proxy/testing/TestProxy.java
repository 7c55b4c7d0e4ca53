package dev.longshore.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import dev.longshore.proxy.drain.Drains;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** A data plane on a free loopback port. */
public final class TestProxy implements AutoCloseable {
  private final DataPlane dataPlane;
  private final ByteArrayOutputStream accessLog;

  private TestProxy(DataPlane dataPlane, ByteArrayOutputStream accessLog) {
    this.dataPlane = dataPlane;
    this.accessLog = accessLog;
  }

  /** Starts one on the transport that users get. */
  public static TestProxy start(TestRoutes routes) {
    return start(routes, Transport.AUTO, 1);
  }

  /** Starts one. */
  public static TestProxy start(TestRoutes routes, Transport transport, int threads) {
    return start(routes, transport, threads, ProcessBounds.DEFAULT);
  }

  /** Starts one that may take so much of the process. */
  public static TestProxy start(
      TestRoutes routes, Transport transport, int threads, ProcessBounds bounds) {
    return start(routes, transport, threads, bounds, Ticker.systemTicker());
  }

  /**
   * Starts one by a clock of the test's: no time of its own is ever over before the test says so,
   * however slow the machine is. It looks at the clock several times a second.
   */
  public static TestProxy start(TestRoutes routes, int threads, Ticker ticker) {
    return start(routes, Transport.AUTO, threads, ProcessBounds.DEFAULT, ticker);
  }

  /** As with a clock of the test's; what changes close is by a timer of the test's, too. */
  public static TestProxy start(TestRoutes routes, Ticker ticker, HandTimer drains) {
    return start(routes, Transport.AUTO, 1, ProcessBounds.DEFAULT, ticker, drains);
  }

  private static TestProxy start(
      TestRoutes routes, Transport transport, int threads, ProcessBounds bounds, Ticker ticker) {
    return start(routes, transport, threads, bounds, ticker, Drains.timer());
  }

  private static TestProxy start(
      TestRoutes routes,
      Transport transport,
      int threads,
      ProcessBounds bounds,
      Ticker ticker,
      ScheduledThreadPoolExecutor drains) {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ByteArrayOutputStream accessLog = new ByteArrayOutputStream();
    DataPlane dataPlane =
        new DataPlane(
            new DataPlaneOptions(List.of(any), List.of(any), any, any, threads, transport, bounds),
            accessLog,
            ticker,
            drains);
    try {
      dataPlane.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TestProxy proxy = new TestProxy(dataPlane, accessLog);
    proxy.apply(routes);
    return proxy;
  }

  /** Replaces the routing, which has to be valid. */
  public void apply(TestRoutes routes) {
    assertThat(dataPlane.apply(routes.build())).as("errors of the snapshot").isEmpty();
  }

  /** What the access log holds so far. */
  public String accessLog() {
    return accessLog.toString(StandardCharsets.UTF_8);
  }

  /** A page of the admin port, such as {@code /metrics}. */
  public String page(String target) {
    InetSocketAddress admin = dataPlane.boundAdmin();
    try (Socket socket = Wire.open(admin, Duration.ofSeconds(10));
        RawConnection connection = new RawConnection(socket, socket)) {
      connection.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      return connection.readBody(connection.readHead());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value of a metric, such as {@code longshore_draining}; labels belong to its name. */
  public double metric(String name) {
    String start = name + " ";
    return page("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no metric " + name));
  }

  /** The data plane itself. */
  public DataPlane dataPlane() {
    return dataPlane;
  }

  /** Where clients connect. */
  public InetSocketAddress address() {
    return dataPlane.boundHttp().getFirst();
  }

  /** A new client connection. */
  public RawClient connect(Wire wire) {
    return RawClient.connect(wire, address(wire));
  }

  /** A new client connection that is soon held back when nobody reads. */
  public RawClient connectNarrow(Wire wire) {
    return RawClient.connectNarrow(wire, address(wire));
  }

  private InetSocketAddress address(Wire wire) {
    return wire == Wire.PLAIN ? address() : dataPlane.boundHttps().getFirst();
  }

  @Override
  public void close() {
    dataPlane.close();
  }
}
