package dev.longshore.proxy.memory;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.Locale;

/**
 * Somebody for whom network buffers are held: a tunnel or a client connection with all that belongs
 * to it. Used on its event loop only.
 */
public interface Holder {
  /** What kinds there are. */
  enum Kind {
    /** An open tunnel, both its connections. */
    TUNNEL,
    /** A client connection that speaks HTTP, with the upstream connection that serves it. */
    HTTP,
    /** A client connection that is still before HTTP: its PROXY header or its TLS handshake. */
    ENTERING;

    /** The value of the label {@code kind}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What it is. */
  Kind kind();

  /** About how many bytes wait in buffers for it now, to be written or to be decoded. */
  long heldBytes();

  /** What its request's head takes of the heap, as {@link HeadMemory} counts it. */
  default long heldHeap() {
    return 0;
  }

  /** Lets go of them at once, which ends it; nobody else notices. Nothing happens if it is over. */
  void shed();

  /** Bytes that wait to be written to a connection, what TLS has not encrypted yet included. */
  static long waitingFor(Channel channel) {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  /**
   * Has the kernel forget, too, what a connection is still to send, once it is closed: else an end
   * that reads nothing would keep it there for minutes.
   */
  static void forgetUnsent(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
  }
}
