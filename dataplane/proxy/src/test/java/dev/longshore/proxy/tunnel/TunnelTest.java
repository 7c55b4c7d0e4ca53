package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tunnel between two real connections: what passes, and how it ends by itself. */
@Timeout(60)
class TunnelTest {
  private TunnelFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new TunnelFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void passesFramesBothWaysAndRelaysTheClosingHandshake() throws Exception {
    try (Ends ends = fixture.open()) {
      byte[] hello = Frames.text(true, "hello");
      ends.client().getOutputStream().write(hello);
      assertThat(ends.upstream().getInputStream().readNBytes(hello.length)).isEqualTo(hello);
      byte[] answer = Frames.text(false, "hello yourself");
      ends.upstream().getOutputStream().write(answer);
      assertThat(ends.client().getInputStream().readNBytes(answer.length)).isEqualTo(answer);

      byte[] bye = Frames.close(true, 1000);
      ends.client().getOutputStream().write(bye);
      assertThat(ends.upstream().getInputStream().readNBytes(bye.length)).isEqualTo(bye);
      byte[] byeToo = Frames.close(false, 1000);
      ends.upstream().getOutputStream().write(byeToo);
      ends.upstream().close();
      assertThat(ends.client().getInputStream().readAllBytes()).isEqualTo(byeToo);
      ends.client().close();

      Tunnel tunnel = fixture.awaitEnd();
      assertThat(tunnel.cause()).isEqualTo(CloseCause.CLIENT);
      assertThat(tunnel.messagesFromClient()).isEqualTo(1);
      assertThat(tunnel.messagesFromUpstream()).isEqualTo(1);
      assertThat(tunnel.bytesFromClient()).isEqualTo(hello.length + bye.length);
      assertThat(tunnel.bytesFromUpstream()).isEqualTo(answer.length + byeToo.length);
      assertThat(tunnel.clientCloseCode()).isEqualTo(1000);
      assertThat(tunnel.upstreamCloseCode()).isEqualTo(1000);
      assertThat(tunnel.injectedCloseCode()).isZero();
      assertThat(fixture.released).hasValue(1);
      assertThat(fixture.tunnels.open()).isZero();
      assertThat(fixture.tunnels.messagesFromClients()).isEqualTo(1);
      assertThat(fixture.tunnels.bytesFromUpstreams()).isEqualTo(answer.length + byeToo.length);
    }
  }

  @Test
  void passesRandomLegalStreamsByteForByte() throws Exception {
    byte[] stream = Frames.randomStream(new Random(7), 200, true);
    try (Ends ends = fixture.open()) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      Random random = new Random(8);
                      int at = 0;
                      while (at < stream.length) {
                        int size = Math.min(1 + random.nextInt(3000), stream.length - at);
                        ends.client().getOutputStream().write(stream, at, size);
                        at += size;
                      }
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      byte[] passed = ends.upstream().getInputStream().readNBytes(stream.length);
      writer.join();
      assertThat(passed).isEqualTo(stream);
    }
    assertThat(fixture.awaitEnd().messagesFromClient()).isEqualTo(200);
  }
}
