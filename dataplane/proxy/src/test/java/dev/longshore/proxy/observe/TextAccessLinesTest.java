package dev.longshore.proxy.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The access log as people read it. */
class TextAccessLinesTest {
  private static String line(int status, String path, @Nullable Failure failure)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new TextAccessLines(out, ZoneOffset.UTC)
        .request(
            new RequestEntry(
                Instant.EPOCH,
                "192.0.2.1",
                "id",
                "HTTP/1.1",
                "GET",
                "chat.example.com",
                path,
                failure != null,
                status,
                1_500_000,
                1,
                512,
                null,
                new InetSocketAddress("192.0.2.9", 3000),
                failure));
    return out.toString(UTF_8);
  }

  @Test
  void saysWhoAskedForWhatAndWhatCameOfIt() throws IOException {
    assertThat(line(200, "/a", null))
        .isEqualTo(
            "00:00:00 192.0.2.1 GET chat.example.com/a 200, 512 bytes in 1.5 ms by"
                + " 192.0.2.9:3000\n");
    assertThat(line(0, "/a", null)).contains("/a client left in 1.5 ms");
  }

  @Test
  void saysWhichCheckFailed() throws IOException {
    assertThat(line(502, "/ws", new Failure(Reason.HANDSHAKE_ACCEPT, "the 101 has\nnone")))
        .contains("/ws upgrade 502, ")
        .endsWith(": handshake_accept: the 101 has\\u000anone\n");
  }

  @Test
  void aPathIsNoOtherLineAndNoOrderToTheTerminal() throws IOException {
    assertThat(line(404, "/\n00:00:00 x\u001b]0;t\u0007\u2028\udb40\udc41", null))
        .contains("/\\u000a00:00:00 x\\u001b]0;t\\u0007\\u2028\\udb40\\udc41 404")
        .hasLineCount(1);
  }
}
