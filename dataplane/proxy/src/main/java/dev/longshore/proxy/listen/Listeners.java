package dev.longshore.proxy.listen;

import dev.longshore.proxy.http.Front;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bound HTTP listeners. Accepted connections are spread over all event loops in turn. */
public final class Listeners {
  private static final int BACKLOG = 4096;

  private final List<Channel> channels;

  private Listeners(List<Channel> channels) {
    this.channels = channels;
  }

  /**
   * Binds all addresses.
   *
   * @param fronts what connections are served with, by event loop
   * @throws IOException if one can't be bound: the message names it, and none stays bound
   */
  public static Listeners bind(
      List<InetSocketAddress> addresses,
      SocketTransport transport,
      EventLoopGroup loops,
      Map<EventLoop, Front> fronts)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(transport.servers())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            // TCP_NODELAY is Netty's default; saying it again would cost a system call.
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(new ConnectionInitializer(fronts, "http"));
    List<Channel> bound = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      var binding = bootstrap.bind(address).awaitUninterruptibly();
      if (!binding.isSuccess()) {
        new Listeners(bound).close();
        throw new IOException(
            "cannot listen on "
                + address.getHostString()
                + ":"
                + address.getPort()
                + ": "
                + binding.cause().getMessage(),
            binding.cause());
      }
      bound.add(binding.channel());
    }
    return new Listeners(List.copyOf(bound));
  }

  /** Where they listen, in the order of the addresses. */
  public List<InetSocketAddress> addresses() {
    return channels.stream().map(channel -> (InetSocketAddress) channel.localAddress()).toList();
  }

  /** Accepts no more. Returns when the ports are free. Not on an event loop. */
  public void close() {
    channels.forEach(channel -> channel.close().awaitUninterruptibly());
  }
}
