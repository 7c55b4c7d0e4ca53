package dev.longshore.proxy.listen;

import dev.longshore.proxy.limit.Connections;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets connections in as they are accepted, before anything is made for them, and closes at once
 * those for which there is no room. With a reset: nothing of it stays, not even in the kernel.
 *
 * <p>If accepting fails, which is for want of a descriptor, it is tried again after a pause: the
 * listener stays, the loop doesn't spin, and who waits is in the kernel's queue.
 */
@Sharable
final class AcceptGate extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptGate.class);
  static final long PAUSE_MILLIS = 100;
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Connections connections;
  private final AtomicLong nextComplaint = new AtomicLong(System.nanoTime());

  AcceptGate(Connections connections) {
    this.connections = connections;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Channel accepted = (Channel) message;
    if (connections.accept()) {
      ctx.fireChannelRead(accepted);
      return;
    }
    complain("no more than {} connections are open at a time; further ones are closed at once");
    accepted.config().setOption(ChannelOption.SO_LINGER, 0);
    accepted.unsafe().closeForcibly();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connections.acceptFailed();
    complain("connections can't be accepted: " + cause.getMessage());
    Channel listener = ctx.channel();
    listener.config().setAutoRead(false);
    resumeLater(listener);
  }

  private void resumeLater(Channel listener) {
    var _ =
        listener.eventLoop().schedule(() -> resume(listener), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void resume(Channel listener) {
    try {
      listener.config().setAutoRead(true);
    } catch (RuntimeException | Error e) {
      // A timer keeps it to itself, and nobody would be let in any more.
      complain("a listener can't be resumed, which is tried again: " + e);
      listener.config().setAutoRead(false);
      resumeLater(listener);
    }
  }

  private void complain(String what) {
    long now = System.nanoTime();
    long due = nextComplaint.get();
    if (now - due >= 0 && nextComplaint.compareAndSet(due, now + COMPLAINT_NANOS)) {
      LOG.warn(what, connections.most());
    }
  }
}
