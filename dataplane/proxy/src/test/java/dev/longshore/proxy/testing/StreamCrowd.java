package dev.longshore.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.testing.Crowd.End;
import dev.longshore.proxy.testing.Http2Client.Frame;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Those of a {@link Crowd} who share a connection of HTTP/2. */
final class StreamCrowd implements AutoCloseable {
  private final Http2Client client;
  private final Queue<End> ends;
  private final BlockingQueue<Frame> heads = new LinkedBlockingQueue<>();
  private int next = 1;

  /** Takes the connection over. */
  StreamCrowd(Http2Client client, Queue<End> ends) {
    this.client = client;
    this.ends = ends;
    try {
      client.connection().socket().setSoTimeout(0);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::listen);
  }

  /** Opens one more. */
  void open(String path) {
    int stream = next;
    next += 2;
    client.webSocket(stream, path);
    try {
      Frame head = heads.poll(Patience.MOST.toSeconds(), TimeUnit.SECONDS);
      assertThat(head).as("the answer of stream %s", stream).isNotNull();
      assertThat(head.stream()).isEqualTo(stream);
      assertThat(head.status()).isEqualTo(200);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void listen() {
    Set<Integer> open = new HashSet<>();
    try {
      for (Frame frame = client.read(); frame != null; frame = client.read()) {
        switch (frame.type()) {
          case Http2Client.HEADERS -> {
            open.add(frame.stream());
            heads.add(frame);
          }
          case Http2Client.DATA -> {
            if (frame.payload().startsWith("\u0088\u0002") && open.remove(frame.stream())) {
              String close = frame.payload();
              ends.add(new End(close.charAt(2) << 8 | close.charAt(3)));
              client.data(frame.stream(), "\u0088\u0082\0\0\0\0" + close.substring(2, 4), true);
            }
          }
          case Http2Client.RST_STREAM -> {
            if (open.remove(frame.stream())) {
              ends.add(new End(0));
            }
          }
          default -> {}
        }
      }
    } catch (UncheckedIOException e) {
      // It was closed.
    }
    open.forEach(stream -> ends.add(new End(0)));
  }

  @Override
  public void close() {
    client.close();
  }
}
