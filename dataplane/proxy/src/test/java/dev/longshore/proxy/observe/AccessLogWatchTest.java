package dev.longshore.proxy.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.contract.Settings;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The access log's writer, struck. */
@Timeout(90)
class AccessLogWatchTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AtomicReference<@Nullable Runnable> planted = new AtomicReference<>();
  private Watched watched;
  private AccessLog log;

  @BeforeEach
  void start() throws Exception {
    watched = new Watched();
    log = log(AccessLogFormat.JSON);
  }

  private AccessLog log(AccessLogFormat format) {
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("by blocks");
          }

          @Override
          public void write(byte[] bytes, int from, int count) {
            Runnable task = planted.getAndSet(null);
            if (task != null) {
              task.run();
            }
            synchronized (written) {
              written.write(bytes, from, count);
            }
          }
        };
    AccessLog made = new AccessLog(out, format, () -> Settings.AccessLog.ALL);
    made.watch(watched.watch().part("access-log"));
    return made;
  }

  @AfterEach
  void stop() {
    watched.close();
    log.close();
  }

  private void inside(Runnable task) {
    planted.set(task);
    log.request(request("inside"));
  }

  /** {@code null}: a line that can't be made. */
  private static RequestEntry request(@Nullable String id) {
    return new RequestEntry(
        id == null ? nothing() : Instant.EPOCH,
        "192.0.2.1",
        String.valueOf(id),
        "HTTP/1.1",
        "GET",
        "chat.example.com",
        "/",
        false,
        200,
        1,
        1,
        1,
        null,
        null,
        null);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private String written() {
    synchronized (written) {
      return written.toString(UTF_8);
    }
  }

  @Test
  @Strikes("access-log")
  void itsWriterGoesOnAfterAnErrorAndItsEndIsTold() {
    watched.fail("access-log", this::inside);
    watched.end("access-log", this::inside);
  }

  @Test
  void outOfMemoryIsTold() {
    watched.exhaust("access-log", this::inside);
  }

  /** Half of a line would spoil the next one too. */
  @ParameterizedTest
  @EnumSource(AccessLogFormat.class)
  void ofALineThatCantBeMadeNothingIsWrittenAndTheOthersAreWhole(AccessLogFormat format)
      throws Exception {
    log.close();
    log = log(format);
    for (int i = 0; i < 20; i++) {
      log.request(request("good-" + i));
      log.request(request(null));
    }
    await().until(() -> written().lines().count() == 20);
    assertThat(log.dropped()).isEqualTo(20);
    assertThat(watched.faults("access-log")).isEqualTo(20);
    if (format == AccessLogFormat.JSON) {
      int next = 0;
      for (String line : written().lines().toList()) {
        JsonNode read = new ObjectMapper().readTree(line);
        assertThat(read.get("requestId").asText()).isEqualTo("good-" + next++);
        assertThat(read.has("bytesToClient")).isTrue();
      }
    }
  }
}
