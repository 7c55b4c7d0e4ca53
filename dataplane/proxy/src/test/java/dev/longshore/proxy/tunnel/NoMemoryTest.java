package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A buffer that can't be had ends the tunnel that needs it, and no other. */
@Timeout(60)
class NoMemoryTest {
  private static final class Exhaustible extends AbstractByteBufAllocator {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean exhausted;

    Exhaustible() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      asked.incrementAndGet();
      if (exhausted) {
        throw new OutOfMemoryError("Cannot reserve bytes of direct buffer memory");
      }
      return ByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      return ByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return true;
    }
  }

  private static void passes(Socket from, Socket to, byte[] frame) throws IOException {
    from.getOutputStream().write(frame);
    assertThat(to.getInputStream().readNBytes(frame.length)).isEqualTo(frame);
  }

  @Test
  void whatOneSideDoesNotTakeEndsThatTunnelAlone() throws Exception {
    assumeTrue(Epoll.isAvailable(), "elsewhere nothing is read into a buffer that all share");
    Exhaustible allocator = new Exhaustible();
    try (TunnelFixture fixture = new TunnelFixture(TunnelObserver.NONE, allocator);
        Ends greedy = fixture.open();
        Ends quiet = fixture.open()) {
      byte[] frame = Frames.text(true, "still here");
      passes(quiet.client(), quiet.upstream(), frame);
      allocator.exhausted = true;
      Thread.ofVirtual()
          .start(
              () -> {
                byte[] part = Frames.frame(true, Frames.BINARY, true, new byte[60_000]);
                try {
                  while (true) {
                    greedy.client().getOutputStream().write(part);
                  }
                } catch (IOException e) {
                  // Cut, as it should be.
                }
              });
      assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.MEMORY);
      int asked = allocator.asked.get();
      for (int i = 0; i < 10; i++) {
        passes(quiet.client(), quiet.upstream(), frame);
        passes(quiet.upstream(), quiet.client(), Frames.text(false, "and here"));
      }
      // The buffer that all tunnels read into was given back.
      assertThat(allocator.asked).hasValue(asked);
      assertThat(fixture.ended).hasSize(1);
    }
  }
}
