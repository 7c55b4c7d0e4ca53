package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.limit.Connections;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Map;

/** Makes a client connection of an accepted socket, by the settings of the moment. */
@Sharable
final class ConnectionInitializer extends ChannelInitializer<SocketChannel> {
  private final Map<EventLoop, LoopContext> contexts;
  private final ListenerSecurity protection;
  private final Connections connections;

  ConnectionInitializer(
      Map<EventLoop, LoopContext> contexts, ListenerSecurity protection, Connections connections) {
    this.contexts = contexts;
    this.protection = protection;
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
    Settings settings = context.settings();
    if (settings.proxyProtocol() == ProxyProtocol.REQUIRED) {
      if (context.believesProxyHeaderOf(remote.getAddress())) {
        new ProxyHeaderGate(channel, context, settings.bounds(), protection).install();
      } else {
        // Whoever reaches a listener could claim any address. Nothing it sends is read.
        context.recorder().proxyHeaderUntrusted(remote.getAddress());
        channel.close();
      }
    } else {
      protection.admit(channel, context, ClientPeer.of(remote.getAddress()), settings.bounds());
    }
  }
}
