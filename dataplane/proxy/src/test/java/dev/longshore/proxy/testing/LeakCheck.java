package dev.longshore.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class in which a buffer, or a context or connection of BoringSSL, was dropped
 * without being released: {@code @ExtendWith(LeakCheck.class)}.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final int ROUNDS = 4;
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final Logger LOG =
      (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class.getName());

  /** The detectors of everything but buffers only write to the log. */
  private static final AppenderBase<ILoggingEvent> LOGGED =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          LEAKS.add(event.getFormattedMessage());
        }
      };

  @Override
  public void beforeAll(ExtensionContext context) {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((resourceType, records) -> LEAKS.add(resourceType + records));
    LEAKS.clear();
    LOG.addAppender(LOGGED);
    LOGGED.start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(leaks()).as("what was never released").isEmpty();
    LOG.detachAppender(LOGGED);
  }

  /** What has leaked so far. A leak is noticed at an allocation after its collection. */
  static Queue<String> leaks() {
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      for (int i = 0; i < 64; i++) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(64);
        buffer.release();
      }
    }
    return LEAKS;
  }
}
