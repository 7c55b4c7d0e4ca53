package dev.longshore.proxy.listen;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.util.function.Function;

/**
 * One way to drive sockets: event loops and the channels that run on them.
 *
 * @param name for logs
 * @param loops makes the heart of an event loop
 * @param servers listening channels
 * @param sockets connections to be dialled, by address family
 */
public record SocketTransport(
    String name,
    IoHandlerFactory loops,
    ChannelFactory<? extends ServerSocketChannel> servers,
    Function<SocketProtocolFamily, ? extends SocketChannel> sockets) {

  /** epoll where it works, else NIO. */
  public static SocketTransport best() {
    return Epoll.isAvailable() ? nativeEpoll() : nio();
  }

  /**
   * Linux epoll.
   *
   * @throws IOException if it is not there; the message says why
   */
  public static SocketTransport epoll() throws IOException {
    if (!Epoll.isAvailable()) {
      throw missing("epoll", Epoll.unavailabilityCause());
    }
    return nativeEpoll();
  }

  /**
   * Linux io_uring.
   *
   * @throws IOException if it is not there; the message says why
   */
  public static SocketTransport ioUring() throws IOException {
    if (!IoUring.isAvailable()) {
      throw missing("io_uring", IoUring.unavailabilityCause());
    }
    return new SocketTransport(
        "io_uring",
        IoUringIoHandler.newFactory(),
        IoUringServerSocketChannel::new,
        _ -> new IoUringSocketChannel());
  }

  /** The JDK's selector. */
  public static SocketTransport nio() {
    return new SocketTransport(
        "nio", NioIoHandler.newFactory(), NioServerSocketChannel::new, _ -> new NioSocketChannel());
  }

  private static SocketTransport nativeEpoll() {
    return new SocketTransport(
        "epoll",
        EpollIoHandler.newFactory(),
        EpollServerSocketChannel::new,
        EpollSocketChannel::new);
  }

  private static IOException missing(String name, Throwable cause) {
    return new IOException(
        "the transport "
            + name
            + " does not work here ("
            + cause.getMessage()
            + "); auto chooses one that does",
        cause);
  }
}
