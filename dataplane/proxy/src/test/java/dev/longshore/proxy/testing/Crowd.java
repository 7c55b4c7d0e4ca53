package dev.longshore.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Many clients of a proxy, each with a tunnel, that answer a Close and note when it came. */
public final class Crowd implements AutoCloseable {
  private final List<RawClient> clients = new ArrayList<>();
  private final Queue<End> ends = new ConcurrentLinkedQueue<>();

  /**
   * How a tunnel ended.
   *
   * @param nanoTime when
   * @param code of the Close frame; 0: there was none
   */
  public record End(long nanoTime, int code) {}

  /** Opens tunnels on a path, one after the other. */
  public static Crowd open(TestProxy proxy, String path, int count) {
    Crowd crowd = new Crowd();
    for (int i = 0; i < count; i++) {
      crowd.add(proxy, path);
    }
    return crowd;
  }

  /** Opens one more. */
  public void add(TestProxy proxy, String path) {
    RawClient client = proxy.connect(Wire.PLAIN);
    clients.add(client);
    client.send(RawClient.handshake(path));
    assertThat(client.readHead().status()).isEqualTo(101);
    listen(client);
  }

  /** How many there have been. */
  public int size() {
    return clients.size();
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
                ends.add(new End(System.nanoTime(), code));
                client.send("\u0088\u0082\0\0\0\0" + frame.substring(2));
                client.readToEnd();
              } catch (UncheckedIOException e) {
                if (code == 0) {
                  ends.add(new End(System.nanoTime(), 0));
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

  /** The most that ended within one second. */
  public int busiestSecond() {
    long[] times = times();
    int most = 0;
    int from = 0;
    for (int to = 0; to < times.length; to++) {
      while (times[to] - times[from] >= TimeUnit.SECONDS.toNanos(1)) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  /**
   * By how many those that had ended were ahead, at most, of {@code count} that end one after the
   * other in a window that began at {@code start}. A machine that stands still makes none earlier.
   */
  public long ahead(long start, Duration window, int count) {
    long[] times = times();
    long most = 0;
    for (int i = 0; i < times.length; i++) {
      most = Math.max(most, i + 1 - count * (times[i] - start) / window.toNanos());
    }
    return most;
  }

  private long[] times() {
    return ends.stream().mapToLong(End::nanoTime).sorted().toArray();
  }

  @Override
  public void close() {
    clients.forEach(RawClient::close);
  }
}
