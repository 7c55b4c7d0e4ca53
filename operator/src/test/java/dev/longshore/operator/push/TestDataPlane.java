package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.contract.push.SnapshotMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A data plane by the JDK's own WebSocket client, which does what it is told. */
final class TestDataPlane implements WebSocket.Listener, AutoCloseable {
  private static final long WAIT_SECONDS = 30;

  private final HttpClient client;
  private final boolean reads;
  private final WebSocket socket;
  private final StringBuilder part = new StringBuilder();
  private final AtomicLong bytes = new AtomicLong();
  private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
  private RoutingSnapshot applied = RoutingSnapshot.EMPTY;

  /** What is heard when the channel ends. */
  record Closed(int code) {}

  private TestDataPlane(SSLContext tls, int port, @Nullable String token, boolean reads)
      throws Exception {
    this.client = HttpClient.newBuilder().sslContext(tls).build();
    this.reads = reads;
    WebSocket.Builder builder = client.newWebSocketBuilder().subprotocols(PushProtocol.SUBPROTOCOL);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    try {
      socket =
          builder
              .buildAsync(URI.create("wss://localhost:" + port + PushProtocol.PATH), this)
              .join();
    } catch (CompletionException e) {
      client.shutdownNow();
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  static TestDataPlane connect(SSLContext tls, int port, @Nullable String token) throws Exception {
    return new TestDataPlane(tls, port, token, true);
  }

  /** One that never takes a byte after the handshake. */
  static TestDataPlane deaf(SSLContext tls, int port, String token) throws Exception {
    return new TestDataPlane(tls, port, token, false);
  }

  static Hello hello(String node, Hello.Role role, @Nullable Versions applied) {
    return new Hello(
        PushProtocol.VERSION, node, "default", "0.1.0", List.copyOf(Features.ALL), role, applied);
  }

  TestDataPlane say(FromDataPlane message) {
    return say(new String(PushCodec.write(message), StandardCharsets.US_ASCII));
  }

  TestDataPlane say(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  /** The next message, or how the channel ended. */
  Object next() throws InterruptedException {
    Object next = heard.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("a message within %d s", WAIT_SECONDS).isNotNull();
    return next;
  }

  <T extends FromOperator> T next(Class<T> type) throws InterruptedException {
    Object next = next();
    assertThat(next).isInstanceOf(type);
    return type.cast(next);
  }

  /** Applies the next snapshot or delta and acknowledges it. */
  RoutingSnapshot apply() throws Exception {
    RoutingSnapshot now = take();
    say(new Ack(Versions.of(now)));
    return now;
  }

  /** Applies the next snapshot or delta and keeps silent. */
  RoutingSnapshot take() throws Exception {
    applied =
        switch (next()) {
          case SnapshotMessage message -> message.snapshot();
          case DeltaMessage message -> message.delta().applyTo(applied);
          case Object other -> throw new AssertionError("neither snapshot nor delta: " + other);
        };
    return applied;
  }

  /** Sent away for this reason, and closed. */
  void dismissed(Goodbye.Reason reason) throws Exception {
    assertThat(next(Goodbye.class).reason()).isEqualTo(reason);
    assertThat(next()).isInstanceOf(Closed.class);
  }

  boolean heardNothing() {
    return heard.isEmpty();
  }

  /** Characters of all messages so far. */
  long bytes() {
    return bytes.get();
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    if (reads) {
      webSocket.request(1);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    part.append(data);
    bytes.addAndGet(data.length());
    if (last) {
      try {
        heard.add(PushCodec.readFromOperator(part.toString().getBytes(StandardCharsets.UTF_8)));
      } catch (Exception e) {
        heard.add(e);
      }
      part.setLength(0);
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    heard.add(new Closed(code));
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    heard.add(new Closed(1006));
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }
}
