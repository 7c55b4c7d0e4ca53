package dev.longshore.proxy.listen;

import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.limit.Connections;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.Map;

/** What all listeners have in common: who accepts, and who lets in and serves what is accepted. */
final class Acceptor implements ListeningSocket.Binder {
  private static final int BACKLOG = 4096;

  private final ServerBootstrap bootstrap;
  private final Map<EventLoop, LoopContext> contexts;
  private final Connections connections;

  /**
   * One for the listeners of a data plane.
   *
   * @param contexts what connections are served with, by event loop
   * @param connections lets them in, of all listeners together
   */
  Acceptor(
      SocketTransport transport,
      EventLoopGroup loops,
      Map<EventLoop, LoopContext> contexts,
      Connections connections) {
    this.contexts = contexts;
    this.connections = connections;
    this.bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(transport.servers())
            .handler(new AcceptGate(connections))
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            // TCP_NODELAY is Netty's default; saying it again would cost a system call.
            .childOption(ChannelOption.SO_KEEPALIVE, true);
  }

  @Override
  public ChannelFuture bind(InetSocketAddress address, ListeningSocket listener) {
    return bootstrap
        .clone()
        .childHandler(new ConnectionInitializer(contexts, listener, connections))
        .bind(address)
        .awaitUninterruptibly();
  }

  @Override
  public void drain(ListeningSocket listener) {
    contexts.forEach((loop, context) -> loop.execute(() -> context.drain(listener)));
  }
}
