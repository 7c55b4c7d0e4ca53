package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a socket itself, past the channel's pipeline and outbound buffer, as long as nothing
 * waits there: for small messages these cost more than the proxy's own work. Only for channels
 * whose pipeline transforms nothing. Used on the channel's event loop only.
 */
final class DirectOutput {
  private final Channel channel;
  private final Socket socket;

  private DirectOutput(Channel channel, Socket socket) {
    this.channel = channel;
    this.socket = socket;
  }

  /**
   * The direct output of a channel whose only handler is the tunnel's.
   *
   * @return null when the transport has none
   */
  static @Nullable DirectOutput of(Channel channel) {
    return channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket socket
        ? new DirectOutput(channel, socket)
        : null;
  }

  /**
   * Sends what the socket takes, and moves the reader index behind it.
   *
   * @return whether that was everything; if not, the rest is the outbound buffer's. So is telling
   *     of a connection that is broken: it will find the same
   */
  boolean send(ByteBuf bytes) {
    // A closed channel's descriptor may already be another connection's.
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    if (waiting == null
        || waiting.totalPendingWriteBytes() > 0
        || !channel.isActive()
        || !bytes.hasMemoryAddress()) {
      return false;
    }
    int from = bytes.readerIndex();
    try {
      int sent = socket.sendAddress(bytes.memoryAddress(), from, bytes.writerIndex());
      if (sent > 0) {
        bytes.readerIndex(from + sent);
      }
    } catch (IOException e) {
      return false;
    }
    return !bytes.isReadable();
  }

  /**
   * Sends FIN; everything must be written. The channel's own way makes an exception with a stack
   * trace, for writes behind it, of which there are none.
   */
  void end() {
    if (channel.isActive()) {
      try {
        socket.shutdown(false, true);
      } catch (IOException e) {
        // The connection is gone already, as reading from it will find.
      }
    }
  }
}
