package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.limit.Connections;
import dev.longshore.proxy.listen.ListenerTerms.ProxyHeaders;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Map;

/** Makes a client connection of an accepted socket, by the terms and settings of the moment. */
@Sharable
final class ConnectionInitializer extends ChannelInitializer<SocketChannel> {
  private final Map<EventLoop, LoopContext> contexts;
  private final ListeningSocket listener;
  private final Connections connections;

  ConnectionInitializer(
      Map<EventLoop, LoopContext> contexts, ListeningSocket listener, Connections connections) {
    this.contexts = contexts;
    this.listener = listener;
    this.connections = connections;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    // First of all: it is counted already, and its end has to be.
    connections.enter(channel);
    LoopContext context = contexts.get(channel.eventLoop());
    InetSocketAddress remote = channel.remoteAddress();
    if (context == null || remote == null) {
      // Already closed by the other side.
      channel.close();
      return;
    }
    Bounds bounds = context.settings().bounds();
    ProxyHeaders headers = listener.terms().proxyHeaders();
    if (headers.required(context)) {
      if (headers.believedOf(remote.getAddress(), context)) {
        new ProxyHeaderGate(channel, context, bounds, listener).install();
      } else {
        // Whoever reaches a listener could claim any address. Nothing it sends is read.
        context.recorder().proxyHeaderUntrusted(remote.getAddress());
        channel.close();
      }
    } else {
      ClientPeer peer = ClientPeer.of(remote.getAddress(), listener);
      listener.security().admit(channel, context, peer, bounds);
    }
  }
}
