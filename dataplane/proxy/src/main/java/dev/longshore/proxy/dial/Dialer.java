package dev.longshore.proxy.dial;

import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.channel.Channel;
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
  private final Function<SocketProtocolFamily, ? extends Channel> channels;

  /** Dials on {@code loop} with channels of its transport, made for an address family. */
  public Dialer(EventLoop loop, Function<SocketProtocolFamily, ? extends Channel> channels) {
    this.loop = loop;
    this.channels = channels;
  }

  /**
   * Starts a connection; the listener hears {@code connected}, {@code connectFailed} or {@code
   * tlsFailed}. There is no time limit here: who waits {@linkplain UpstreamConnection#abandon()
   * abandons} it. On the event loop.
   *
   * @param tls held by the caller until then; null: in the clear
   */
  public UpstreamConnection dial(
      EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    // A socket of the endpoint's own family: one of IPv6 would first be told to take IPv4 too.
    boolean v4 = endpoint.socketAddress().getAddress() instanceof Inet4Address;
    Channel channel = channels.apply(v4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6);
    // TCP_NODELAY is Netty's default; saying it again would cost a system call.
    channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    // Our own deadlines bound the attempt; Netty's would schedule a task for each.
    channel.config().setConnectTimeoutMillis(0);
    UpstreamConnection connection = new UpstreamConnection(channel, endpoint, tls, listener);
    // On its own loop registration is done when this returns.
    loop.register(channel);
    connection.install();
    channel
        .connect(endpoint.socketAddress())
        .addListener(future -> connection.dialled((ChannelFuture) future));
    return connection;
  }
}
