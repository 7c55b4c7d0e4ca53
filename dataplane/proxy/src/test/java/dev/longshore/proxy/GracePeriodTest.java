package dev.longshore.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.longshore.contract.Settings.ProcessDrain;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class GracePeriodTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(GracePeriod.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final GracePeriod grace =
      new GracePeriod(Duration.ofSeconds(100), Duration.ofSeconds(15));

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detach() {
    logger.detachAppender(log);
  }

  private static ProcessDrain drain(int window) {
    return new ProcessDrain(
        Duration.ofSeconds(5), Duration.ofSeconds(window), Duration.ofSeconds(5));
  }

  @Test
  void aDrainThatFitsIsNotMentioned() {
    grace.check(drain(60));
    grace.check(drain(75));
    assertThat(log.list).isEmpty();
  }

  @Test
  void oneThatDoesNotIsWarnedOfOnceWithItsField() {
    grace.check(drain(76));
    grace.check(drain(76));
    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains(
            "may take 101 s", "terminationGracePeriodSeconds is 100", "spec.processDrain.window");
    grace.check(drain(60));
    grace.check(drain(600));
    assertThat(log.list).hasSize(2);
  }
}
