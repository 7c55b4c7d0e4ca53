package dev.longshore.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.MockTicker;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Many clients of a proxy, each with a tunnel, that answer a Close and note it. */
public final class Crowd implements AutoCloseable {
  /** On one connection of HTTP/2. */
  private static final int STREAMS = 50;

  private final Wire wire;
  private final List<RawClient> clients = new ArrayList<>();
  private final List<StreamCrowd> connections = new ArrayList<>();
  private int size;
  private final Queue<End> ends = new ConcurrentLinkedQueue<>();

  /** Ticks of the tunnels' clock in a second. */
  private static final int TICKS = 10;

  /**
   * How a tunnel ended.
   *
   * @param code of the Close frame; 0: there was none
   */
  public record End(int code) {}

  private Crowd(Wire wire) {
    this.wire = wire;
  }

  /** Opens tunnels on a path, one after the other. */
  public static Crowd open(TestProxy proxy, String path, int count) {
    return open(proxy, Wire.PLAIN, path, count);
  }

  /** Opens tunnels on a path, one after the other; streams share connections. */
  public static Crowd open(TestProxy proxy, Wire wire, String path, int count) {
    Crowd crowd = new Crowd(wire);
    for (int i = 0; i < count; i++) {
      crowd.add(proxy, path);
    }
    return crowd;
  }

  /** Opens one more. */
  public void add(TestProxy proxy, String path) {
    size++;
    if (!wire.isHttp1()) {
      if ((size - 1) % STREAMS == 0) {
        connections.add(new StreamCrowd(Http2Client.secured(proxy), ends));
      }
      connections.getLast().open(path);
      return;
    }
    RawClient client = proxy.connect(wire);
    clients.add(client);
    client.send(RawClient.handshake(path));
    assertThat(client.readHead().status()).isEqualTo(101);
    listen(client);
  }

  /** How many there have been. */
  public int size() {
    return size;
  }

  private void listen(RawClient client) {
    try {
      client.socket().setSoTimeout(0);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual()
        .start(
            () -> {
              int code = 0;
              try {
                String frame = client.read(4);
                code =
                    frame.startsWith("\u0088\u0002") ? frame.charAt(2) << 8 | frame.charAt(3) : 0;
                ends.add(new End(code));
                client.send("\u0088\u0082\0\0\0\0" + frame.substring(2));
                client.readToEnd();
              } catch (UncheckedIOException e) {
                if (code == 0) {
                  ends.add(new End(0));
                }
              }
            });
  }

  /** How those ended that have. */
  public List<End> ends() {
    return List.copyOf(ends);
  }

  /** Waits until so many have ended. */
  public List<End> awaitEnds(int count) {
    await().atMost(Duration.ofSeconds(60)).until(() -> ends.size() >= count);
    return ends();
  }

  /**
   * That {@code count} of them end one after the other in a window that begins now, by a clock that
   * is turned second by second: within each second there is at most one tick's worth more or less
   * than its part, which is far below twice the mean.
   */
  public void endEvenly(MockTicker clock, int count, Duration window) {
    long seconds = window.toSeconds();
    double tick = (double) count / seconds / TICKS;
    for (int second = 1; second <= seconds; second++) {
      clock.advance(1, TimeUnit.SECONDS);
      double due = (double) count * second / seconds;
      await().until(() -> ends.size() >= due - tick - 1);
      assertThat(ends.size())
          .as("ended in %d s", second)
          .isLessThanOrEqualTo((int) (due + tick + 1));
    }
    // The tick in which the last one is due.
    clock.advance(1, TimeUnit.SECONDS);
    awaitEnds(count);
  }

  @Override
  public void close() {
    clients.forEach(RawClient::close);
    connections.forEach(StreamCrowd::close);
  }
}
