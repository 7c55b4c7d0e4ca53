package dev.longshore.proxy.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings;
import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AccessLogTest {
  private static RequestEntry request(int status, String path) {
    return new RequestEntry(
        Instant.EPOCH,
        "192.0.2.1",
        "id",
        "HTTP/1.1",
        "GET",
        "h",
        path,
        false,
        status,
        1_500_000,
        1,
        2,
        null,
        null,
        null);
  }

  @Test
  void whatFailedIsAnErrorWhateverTheStatus() throws Exception {
    RequestEntry sound = request(200, "/");
    RequestEntry cut =
        new RequestEntry(
            sound.time(),
            sound.client(),
            sound.requestId(),
            sound.protocol(),
            sound.method(),
            sound.host(),
            sound.path(),
            false,
            200,
            0,
            0,
            2,
            null,
            null,
            new Failure(Reason.UPSTREAM_CUT, "a \"reset\"\n"));
    List<String> lines = written(Settings.AccessLog.TUNNELS_AND_ERRORS, sound, cut);
    JsonNode line = new ObjectMapper().readTree(lines.getFirst());
    assertThat(lines).hasSize(1);
    assertThat(line.get("reason").asText()).isEqualTo("upstream_cut");
    assertThat(line.get("detail").asText()).isEqualTo("a \"reset\"\n");
  }

  private static List<String> written(Settings.AccessLog mode, RequestEntry... entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (AccessLog log = new AccessLog(out, AccessLogFormat.JSON, () -> mode)) {
      for (RequestEntry entry : entries) {
        log.request(entry);
      }
    }
    return out.toString(UTF_8).lines().toList();
  }

  @Test
  void writesWhatTheModeAsksFor() {
    assertThat(written(Settings.AccessLog.ALL, request(200, "/"), request(404, "/"))).hasSize(2);
    assertThat(written(Settings.AccessLog.TUNNELS_AND_ERRORS, request(200, "/"), request(404, "/")))
        .singleElement()
        .asString()
        .contains("404");
    assertThat(written(Settings.AccessLog.OFF, request(500, "/"))).isEmpty();
  }

  @Test
  void keepsOneLinePerEntryWhateverThePathHolds() throws Exception {
    String path = "/a\"\n{\u0007\\ü";
    List<String> lines = written(Settings.AccessLog.ALL, request(200, path));
    JsonNode line = new ObjectMapper().readTree(lines.getFirst());
    assertThat(lines).hasSize(1);
    assertThat(line.get("path").asText()).isEqualTo(path);
    assertThat(line.get("durationMs").asDouble()).isEqualTo(1.5);
    assertThat(line.get("time").asText()).isEqualTo("1970-01-01T00:00:00Z");
  }

  /** The output of a reader that takes nothing yet. */
  private static OutputStream stuck(CountDownLatch until) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        try {
          until.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  @Test
  void dropsAndCountsWhenItsReaderIsTooSlow() {
    CountDownLatch reads = new CountDownLatch(1);
    try (AccessLog log =
        new AccessLog(stuck(reads), AccessLogFormat.JSON, () -> Settings.AccessLog.ALL)) {
      for (int i = 0; i < 20_000; i++) {
        log.request(request(200, "/"));
      }
      assertThat(log.dropped()).isPositive();
      reads.countDown();
    }
  }

  /** Of paths as long as they may be, a full queue would take all of a small heap. */
  @Test
  void holdsNoMoreOfLongLinesThanTheyMayTakeTogether() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
              reads.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            written.write(bytes, offset, length);
          }
        };
    String path = "/" + "a".repeat(30_000);
    int fit = HardLimits.ACCESS_LOG_BYTES / path.length();
    try (AccessLog log = new AccessLog(slow, AccessLogFormat.JSON, () -> Settings.AccessLog.ALL)) {
      for (int i = 0; i < 3_000; i++) {
        log.request(request(200, path));
      }
      // A few are in the writer's hands.
      assertThat(3_000 - log.dropped()).isBetween(fit - 5L, fit + 5L);
      log.request(request(200, "/short"));
      long dropped = log.dropped();
      reads.countDown();
      await().until(() -> written.toString(UTF_8).contains("/short"));
      log.request(request(200, path));
      assertThat(log.dropped()).as("there is room again").isEqualTo(dropped);
    }
  }
}
