package dev.longshore.proxy.http1;

import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * The end of a connection behind its last answer: flushes, closes our direction, and gives the
 * client a moment to close its own. Closing at once could destroy the answer: unread bytes make the
 * kernel send RST (RFC 9112 §9.6). On its event loop.
 */
public final class LingeringClose extends Deadline {
  /**
   * How long the other side has to take its answer and close, once we have closed our direction.
   */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** The same for one that is still sending: a body that is refused, bytes behind an upgrade. */
  private static final Duration LONGEST_LINGER = Duration.ofSeconds(30);

  private static final Duration LAST_FLUSH = Duration.ofSeconds(30);

  private final DeadlineSweep deadlines;
  private final Channel channel;
  private final Ticker ticker;
  private boolean inputEnded;
  private boolean outputEnded;
  private long lingersUntil;

  /**
   * Of a connection that nobody else reads any more.
   *
   * @param inputEnded whether the client has closed its direction already
   */
  public LingeringClose(DeadlineSweep deadlines, Channel channel, boolean inputEnded) {
    this.deadlines = deadlines;
    this.ticker = deadlines.ticker();
    this.lingersUntil = ticker.nanoTime();
    this.channel = channel;
    this.inputEnded = inputEnded;
  }

  /** Begins, behind what was written. What still comes is dropped. */
  public void begin() {
    deadlines.arm(this, LAST_FLUSH);
    channel.pipeline().addFirst("discarder", new Discarder(this::stillSending));
    TlsStream.end(channel).addListener(written -> flushed(written.isSuccess()));
  }

  private void flushed(boolean written) {
    if (!written || inputEnded || !(channel instanceof DuplexChannel duplex)) {
      channel.close();
      return;
    }
    outputEnded = true;
    duplex.shutdownOutput();
    lingersUntil = ticker.nanoTime() + LONGEST_LINGER.toNanos();
    deadlines.arm(this, LINGER);
  }

  /** It is still sending what we have no use for, and will read the answer behind that. */
  private void stillSending() {
    if (lingersUntil - ticker.nanoTime() > 0) {
      deadlines.arm(this, LINGER);
    }
  }

  /** The client has closed its direction: only the last flush is waited for. */
  void inputEnded() {
    inputEnded = true;
    if (outputEnded) {
      channel.close();
    }
  }

  /** The connection is gone. */
  public void stop() {
    deadlines.disarm(this);
  }

  @Override
  protected void expired() {
    channel.close();
  }

  @Override
  protected void failed() {
    channel.close();
  }
}
