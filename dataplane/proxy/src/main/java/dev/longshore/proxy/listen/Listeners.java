package dev.longshore.proxy.listen;

import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.limit.Connections;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of HTTP, in the clear and over TLS: their addresses are taken when this is made,
 * and connections once there is something to serve them with. Accepted connections are spread over
 * all event loops in turn. Thread-safe; never called on an event loop.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final int BACKLOG = 4096;

  private final List<Reservation> reserved = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();
  private final List<InetSocketAddress> addresses;

  /** How many of the addresses are in the clear; they come first. */
  private final int clear;

  private final SocketTransport transport;
  private boolean closed;

  /**
   * Takes all addresses; until {@link #open} whoever connects is refused.
   *
   * @throws IOException if one can't be bound: the message names it, and none stays bound
   */
  public Listeners(
      List<InetSocketAddress> http, List<InetSocketAddress> https, SocketTransport transport)
      throws IOException {
    this.transport = transport;
    this.clear = http.size();
    try {
      for (InetSocketAddress address : http) {
        reserved.add(Reservation.of(address));
      }
      for (InetSocketAddress address : https) {
        reserved.add(Reservation.of(address));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
    this.addresses = reserved.stream().map(Reservation::address).toList();
  }

  /**
   * Listens on all addresses; nothing happens when it does already, or is closed.
   *
   * @param contexts what connections are served with, by event loop
   * @param connections lets them in, of all listeners together
   * @throws IOException if one can't be bound: the message names it, and those before it stay open
   */
  public synchronized void open(
      EventLoopGroup loops, Map<EventLoop, LoopContext> contexts, Connections connections)
      throws IOException {
    if (closed) {
      return;
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(transport.servers())
            .handler(new AcceptGate(connections))
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            // TCP_NODELAY is Netty's default; saying it again would cost a system call.
            .childOption(ChannelOption.SO_KEEPALIVE, true);
    for (int next = channels.size(); next < addresses.size(); next++) {
      InetSocketAddress address = addresses.get(next);
      ListenerSecurity protection = next < clear ? ListenerSecurity.NONE : ListenerSecurity.TLS;
      ServerBootstrap listener =
          bootstrap
              .clone()
              .childHandler(new ConnectionInitializer(contexts, protection, connections));
      // Linux lets the listener beside the reservation, so that nobody else gets the port between
      // the two; others have to be given it back first.
      ChannelFuture binding = listener.bind(address).awaitUninterruptibly();
      reserved.get(next).close();
      if (!binding.isSuccess()) {
        binding = listener.bind(address).awaitUninterruptibly();
      }
      if (!binding.isSuccess()) {
        throw new IOException(
            "cannot listen on "
                + address.getHostString()
                + ":"
                + address.getPort()
                + ": "
                + binding.cause().getMessage(),
            binding.cause());
      }
      channels.add(binding.channel());
    }
  }

  /** Where they listen in the clear, in the order of the addresses, with the ports picked. */
  public List<InetSocketAddress> http() {
    return addresses.subList(0, clear);
  }

  /** Where they listen for TLS, likewise. */
  public List<InetSocketAddress> https() {
    return addresses.subList(clear, addresses.size());
  }

  /** Accepts no more. Returns when the ports are free. */
  public synchronized void close() {
    closed = true;
    for (Reservation each : reserved) {
      try {
        each.close();
      } catch (IOException e) {
        LOG.warn("a socket that was bound to {} can't be closed", each.address(), e);
      }
    }
    channels.forEach(channel -> channel.close().awaitUninterruptibly());
  }
}
