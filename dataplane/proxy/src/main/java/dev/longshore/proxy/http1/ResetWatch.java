package dev.longshore.proxy.http1;

import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import java.time.Duration;

/**
 * Looks whether a client that has ended its stream, and waits for an answer, is still there. Behind
 * the end of a stream Netty hears of a reset only when it writes, and until then the request would
 * hold its upstream connection. On epoll only: elsewhere the bounds of the exchange have to do.
 */
final class ResetWatch extends Deadline {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** TCP_CLOSE of Linux's {@code tcp_states.h}. */
  private static final int CLOSED = 7;

  private final DeadlineSweep deadlines;
  private final Channel channel;

  private ResetWatch(DeadlineSweep deadlines, Channel channel) {
    this.deadlines = deadlines;
    this.channel = channel;
  }

  /** Watches until the connection has ended, which it sees to if it was reset. */
  static void start(DeadlineSweep deadlines, Channel channel) {
    if (channel instanceof EpollSocketChannel) {
      deadlines.arm(new ResetWatch(deadlines, channel), INTERVAL);
    }
  }

  @Override
  protected void expired() {
    if (!channel.isActive()) {
      return;
    }
    if (isReset()) {
      channel.close();
    } else {
      deadlines.arm(this, INTERVAL);
    }
  }

  private boolean isReset() {
    try {
      return channel instanceof EpollSocketChannel socket && socket.tcpInfo().state() == CLOSED;
    } catch (ChannelException e) {
      return true;
    }
  }
}
