package dev.longshore.proxy.dial.http2;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.http.NoConnectException;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.http.Upstreams;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ways of one event loop to endpoints that speak HTTP/2: a stream of a connection that has room, or
 * of a new one. The oldest with room comes first, so that those which a burst needed end again.
 */
public final class SharedUpstreams implements Upstreams, EndpointConnection.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(SharedUpstreams.class);

  /** A dialling that is older may hang, and nobody else waits for it. */
  private static final long JOINABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Connections that turn out to be full, for one request. */
  private static final int MOVES = 3;

  private final Dialer dialer;
  private final DeadlineSweep deadlines;
  private final SharedMeters meters;
  private final int mostIdle;
  private final Map<EndpointState, List<EndpointConnection>> connections = new HashMap<>();
  private final Map<EndpointConnection, Rest> idle = new LinkedHashMap<>();
  private long nextComplaint;

  /**
   * Without a connection.
   *
   * @param dialer of the same event loop, as the deadlines are
   * @param mostIdle connections without a request that are kept, of all endpoints
   */
  public SharedUpstreams(
      Dialer dialer, DeadlineSweep deadlines, SharedMeters meters, int mostIdle) {
    this.dialer = dialer;
    this.deadlines = deadlines;
    this.meters = meters;
    this.mostIdle = mostIdle;
    this.nextComplaint = deadlines.ticker().nanoTime();
  }

  @Override
  public @Nullable UpstreamStream open(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      Wire wire,
      Reuse reuse,
      UpstreamListener listener) {
    if (wire != Wire.EXTENDED_CONNECT) {
      return open(endpoint, tls, listener);
    }
    EndpointStream stream = new EndpointStream(listener, true);
    return put(stream, endpoint, tls) ? stream : null;
  }

  /** Opens one, for whatever is to be asked. */
  @Nullable EndpointStream open(
      EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    EndpointStream stream = new EndpointStream(listener);
    return put(stream, endpoint, tls) ? stream : null;
  }

  @Override
  public void place(EndpointStream stream, EndpointState endpoint, @Nullable TlsTarget tls) {
    if (stream.move() > MOVES) {
      stream.connectFailed(
          new LocalFailureException(new IOException("connections that turned out to be full")));
    } else if (put(stream, endpoint, tls) && stream.isReady()) {
      stream.connected();
    }
  }

  private boolean put(EndpointStream stream, EndpointState endpoint, @Nullable TlsTarget tls) {
    List<EndpointConnection> present = connections.get(endpoint);
    if (present != null) {
      long joinable = deadlines.ticker().nanoTime() - JOINABLE_NANOS;
      for (int i = 0; i < present.size(); i++) {
        EndpointConnection each = present.get(i);
        if (Objects.equals(each.tls(), tls) && each.hasRoom(joinable)) {
          if (stream.isHandshake() && each.lacksConnect()) {
            stream.connectFailed(new NoConnectException());
            return false;
          }
          each.take(stream);
          return true;
        }
      }
      if (present.size() >= HardLimits.UPSTREAM_HTTP2_CONNECTIONS) {
        stream.connectFailed(
            new LocalFailureException(new IOException("as many as there may be are full")));
        return false;
      }
    }
    return dial(stream, endpoint, tls);
  }

  private boolean dial(EndpointStream stream, EndpointState endpoint, @Nullable TlsTarget tls) {
    Channel channel;
    try {
      channel = dialer.socket(endpoint);
    } catch (RuntimeException | Error e) {
      stream.connectFailed(new LocalFailureException(e));
      return false;
    }
    EndpointConnection connection = new EndpointConnection(this, channel, endpoint, tls);
    ChannelFuture connected;
    try {
      dialer.register(channel);
      connection.install();
      connected = channel.connect(endpoint.socketAddress());
    } catch (RuntimeException | Error e) {
      connection.discard();
      stream.connectFailed(new LocalFailureException(e));
      return false;
    }
    connection.take(stream);
    connections.computeIfAbsent(endpoint, _ -> new ArrayList<>(2)).add(connection);
    connected.addListener(future -> connection.dialled((ChannelFuture) future));
    return !stream.isAbandoned();
  }

  @Override
  public void closeIdle() {
    for (List<EndpointConnection> each : List.copyOf(connections.values())) {
      List.copyOf(each).forEach(EndpointConnection::drain);
    }
  }

  // ---- for its connections

  @Override
  public DeadlineSweep deadlines() {
    return deadlines;
  }

  @Override
  public SharedMeters meters() {
    return meters;
  }

  @Override
  public void gone(EndpointConnection connection) {
    busy(connection);
    List<EndpointConnection> of = connections.get(connection.endpoint());
    if (of != null && of.remove(connection) && of.isEmpty()) {
      connections.remove(connection.endpoint());
    }
  }

  @Override
  public void rests(EndpointConnection connection, Duration most) {
    Rest rest = new Rest(connection);
    idle.put(connection, rest);
    deadlines.arm(rest, most);
    if (idle.size() > mostIdle) {
      idle.keySet().iterator().next().close();
    }
  }

  @Override
  public void busy(EndpointConnection connection) {
    Rest rest = idle.remove(connection);
    if (rest != null) {
      deadlines.disarm(rest);
    }
  }

  @Override
  public void fault(Throwable cause) {
    long now = deadlines.ticker().nanoTime();
    if (now - nextComplaint >= 0) {
      nextComplaint = now + TimeUnit.MINUTES.toNanos(1);
      LOG.error("a request to an endpoint was ended by a fault", cause);
    }
  }

  /** When one without a request is closed. */
  private static final class Rest extends Deadline {
    private final EndpointConnection connection;

    Rest(EndpointConnection connection) {
      this.connection = connection;
    }

    @Override
    protected void expired() {
      connection.close();
    }
  }
}
