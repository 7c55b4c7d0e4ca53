package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http1.RequestHeads;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.Inet4Address;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Connects to endpoints on one event loop. Without names to resolve, and without retries. */
public final class Dialer {
  private final EventLoop loop;
  private final RequestHeads heads = new RequestHeads();
  private final Function<SocketProtocolFamily, ? extends Channel> channels;

  /** Dials on {@code loop} with channels of its transport, made for an address family. */
  public Dialer(EventLoop loop, Function<SocketProtocolFamily, ? extends Channel> channels) {
    this.loop = loop;
    this.channels = channels;
  }

  /**
   * Starts a connection; the listener hears {@code connected}, {@code connectFailed} or {@code
   * tlsFailed}, perhaps before this returns. There is no time limit here: who waits {@linkplain
   * UpstreamConnection#abandon() abandons} it. On the event loop. Never throws: whatever keeps a
   * connection from being begun, such as no descriptor being left or an address family that this
   * node doesn't speak, is a {@code connectFailed} with {@link LocalFailureException}.
   *
   * @param tls held by the caller until then; null: in the clear
   * @return null: it has failed already
   */
  public @Nullable UpstreamConnection dial(
      EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    Channel channel;
    try {
      channel = socket(endpoint);
    } catch (RuntimeException | Error e) {
      listener.connectFailed(new LocalFailureException(e));
      return null;
    }
    UpstreamConnection connection = new UpstreamConnection(channel, endpoint, tls, heads, listener);
    ChannelFuture connected;
    try {
      register(channel);
      connection.install();
      connected = channel.connect(endpoint.socketAddress());
    } catch (RuntimeException | Error e) {
      connection.discard();
      listener.connectFailed(new LocalFailureException(e));
      return null;
    }
    connected.addListener(future -> connection.dialled((ChannelFuture) future));
    return connection;
  }

  /**
   * A socket of the endpoint's own family: one of IPv6 would first be told to take IPv4 too. Throws
   * whatever the transport does for want of a descriptor or of that family.
   */
  public Channel socket(EndpointState endpoint) {
    boolean v4 = endpoint.socketAddress().getAddress() instanceof Inet4Address;
    return channels.apply(v4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6);
  }

  /** Makes one ready to connect, on the event loop. Throws what keeps it from that. */
  public void register(Channel channel) {
    // TCP_NODELAY is Netty's default; saying it again would cost a system call.
    channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    // Our own deadlines bound the attempt; Netty's would schedule a task for each.
    channel.config().setConnectTimeoutMillis(0);
    // On its own loop registration is done when this returns.
    Throwable unregistered = loop.register(channel).cause();
    if (unregistered != null) {
      throw new ChannelException("the channel can't be registered", unregistered);
    }
  }

  /** Its event loop. */
  public EventLoop loop() {
    return loop;
  }
}
