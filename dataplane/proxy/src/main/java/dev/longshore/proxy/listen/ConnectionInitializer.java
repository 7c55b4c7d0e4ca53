package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.http.Front;
import dev.longshore.proxy.http.Peer;
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
  private final Map<EventLoop, Front> fronts;
  private final Protection protection;
  private final Connections connections;

  ConnectionInitializer(
      Map<EventLoop, Front> fronts, Protection protection, Connections connections) {
    this.fronts = fronts;
    this.protection = protection;
    this.connections = connections;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    // First of all: it is counted already, and its end has to be.
    connections.enter(channel);
    Front front = fronts.get(channel.eventLoop());
    InetSocketAddress remote = channel.remoteAddress();
    if (front == null || remote == null) {
      // Already closed by the other side.
      channel.close();
      return;
    }
    Settings settings = front.settings();
    if (settings.proxyProtocol() == ProxyProtocol.REQUIRED) {
      if (front.believesProxyHeaderOf(remote.getAddress())) {
        new ProxyHeaderGate(channel, front, settings.bounds(), protection).install();
      } else {
        // Whoever reaches a listener could claim any address. Nothing it sends is read.
        front.reports().proxyHeaderUntrusted(remote.getAddress());
        channel.close();
      }
    } else {
      protection.admit(channel, front, Peer.of(remote.getAddress()), settings.bounds());
    }
  }
}
