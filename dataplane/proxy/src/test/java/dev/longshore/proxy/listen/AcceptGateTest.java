package dev.longshore.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.limit.Connections;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptGateTest {
  private final Connections connections = new Connections(1, 0);

  @Test
  void withoutADescriptorItPausesAndTheListenerStays() {
    EmbeddedChannel listener = new EmbeddedChannel(new AcceptGate(connections));
    listener.freezeTime();
    for (int i = 1; i <= 3; i++) {
      listener.pipeline().fireExceptionCaught(new IOException("accept: Too many open files"));
      assertThat(listener.config().isAutoRead()).isFalse();
      listener.advanceTimeBy(AcceptGate.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      listener.runScheduledPendingTasks();
      assertThat(listener.config().isAutoRead()).isTrue();
      assertThat(connections.acceptFailures()).isEqualTo(i);
    }
    assertThat(listener.isOpen()).isTrue();
    // Nothing reached the end of the pipeline, which would log a stack trace each time.
    listener.checkException();
    listener.finishAndReleaseAll();
  }

  @Test
  void whoIsOneTooManyIsClosedBeforeAnythingIsMadeForIt() {
    EmbeddedChannel listener = new EmbeddedChannel(new AcceptGate(connections));
    EmbeddedChannel first = new EmbeddedChannel();
    EmbeddedChannel second = new EmbeddedChannel();
    listener.writeInbound(first, second);
    assertThat(listener.<EmbeddedChannel>readInbound()).isSameAs(first);
    assertThat(listener.<EmbeddedChannel>readInbound()).isNull();
    assertThat(second.isOpen()).isFalse();
    assertThat(connections.refused()).isEqualTo(1);
    listener.finishAndReleaseAll();
    first.finishAndReleaseAll();
  }
}
