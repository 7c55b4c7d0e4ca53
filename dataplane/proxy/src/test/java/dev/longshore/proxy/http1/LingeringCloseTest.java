package dev.longshore.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.loop.DeadlineSweep;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a client has behind its last answer, by a clock of the test's. */
class LingeringCloseTest {
  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(ticker).build();
  private final Duplex client = new Duplex();
  private final DeadlineSweep deadlines =
      new DeadlineSweep(clock.eventLoop(), Part.unwatched("deadlines"), ticker);

  /** A connection whose directions end one by one. */
  private static final class Duplex extends EmbeddedChannel implements DuplexChannel {
    private boolean outputEnded;

    @Override
    public boolean isInputShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownInput() {
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
      return promise.setSuccess();
    }

    @Override
    public boolean isOutputShutdown() {
      return outputEnded;
    }

    @Override
    public ChannelFuture shutdownOutput() {
      outputEnded = true;
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
      outputEnded = true;
      return promise.setSuccess();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdown() {
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
      return promise.setSuccess();
    }
  }

  @AfterEach
  void close() {
    client.finishAndReleaseAll();
    clock.finishAndReleaseAll();
  }

  /** In steps in which the sweep looks. */
  private void pass(int millis) {
    for (int left = millis; left > 0; left -= 50) {
      ticker.advance(50, TimeUnit.MILLISECONDS);
      clock.runPendingTasks();
    }
  }

  private LingeringClose begun() {
    LingeringClose close = new LingeringClose(deadlines, client, false);
    close.begin();
    client.runPendingTasks();
    assertThat(client.outputEnded).isTrue();
    return close;
  }

  @Test
  void whoSaysNothingHasTwoSeconds() {
    begun();
    pass(1950);
    assertThat(client.isOpen()).isTrue();
    pass(50);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void whoGoesOnSendingHasThirty() {
    begun();
    for (int second = 0; second < 31; second++) {
      assertThat(client.isOpen()).as("in second %d", second).isTrue();
      client.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
      pass(1000);
    }
    // What it sent last before the end of its thirty gave it two more.
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void whoEndsItsDirectionIsDone() {
    LingeringClose close = begun();
    close.inputEnded();
    assertThat(client.isOpen()).isFalse();
  }
}
