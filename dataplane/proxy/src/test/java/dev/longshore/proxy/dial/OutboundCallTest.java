package dev.longshore.proxy.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Endpoint;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.dial.OutboundCall.End;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.EndpointStates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A question of the proxy's own, and all the ways in which it ends. */
@Timeout(60)
class OutboundCallTest implements OutboundCall.Asker<UpstreamConnection> {
  private static final int MOST_BYTES = 100;

  private final SocketTransport transport = SocketTransport.best();
  private final EventLoop loop = new MultiThreadIoEventLoopGroup(1, transport.loops()).next();
  private final Watched watched;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<End> ends = new CopyOnWriteArrayList<>();

  OutboundCallTest() throws IOException {
    watched = new Watched();
  }

  @AfterEach
  void end() {
    loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    watched.close();
  }

  private OutboundCall<UpstreamConnection> call(InetSocketAddress address, Duration within) {
    EndpointState endpoint =
        EndpointStates.of(
            new Endpoint(
                address.getAddress().getHostAddress(), address.getPort(), Endpoint.State.READY));
    DeadlineSweep deadlines =
        new DeadlineSweep(loop, watched.watch().part("deadlines"), Ticker.systemTicker());
    OutboundCall<UpstreamConnection> call = new OutboundCall<>(deadlines, null, MOST_BYTES, this);
    loop.execute(() -> call.start(new Dialer(loop, transport.sockets())::dial, endpoint, within));
    return call;
  }

  @Override
  public void connected(UpstreamConnection connection) {
    connection
        .channel()
        .writeAndFlush(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", CharsetUtil.US_ASCII));
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    heard.add(status.toString());
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    heard.add(bytes.toString(CharsetUtil.US_ASCII));
    bytes.release();
  }

  @Override
  public void ended(End end, @Nullable Throwable cause) {
    ends.add(end);
  }

  @Test
  void itsAnswerIsHeardAndThenItIsStopped() {
    try (RawUpstream upstream = RawUpstream.answering("yes")) {
      OutboundCall<UpstreamConnection> call = call(upstream.address(), Duration.ofSeconds(30));
      await().until(() -> String.join("", heard).equals("200 OKyes"));
      assertThat(ends).isEmpty();
      loop.execute(call::stop);
      loop.execute(call::stop);
      await().until(() -> upstream.open() == 0);
      assertThat(ends).containsExactly(End.STOPPED);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'nonsense~~', MALFORMED",
    "'', CLOSED",
    "'HTTP/1.1 200 OK~Content-Length: 1000~~', CLOSED",
  })
  void whateverComesEndsItOnce(String answer, End end) {
    try (RawUpstream upstream =
        RawUpstream.start(
            conversation -> {
              conversation.readHead();
              conversation.send(answer.replace("~", "\r\n"));
            })) {
      call(upstream.address(), Duration.ofSeconds(30));
      await().until(() -> !ends.isEmpty());
      assertThat(ends).containsExactly(end);
    }
  }

  @Test
  void anAnswerWithoutEndIsCut() {
    try (RawUpstream upstream =
        RawUpstream.start(
            conversation -> {
              conversation.readHead();
              conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
              conversation.send("x".repeat(MOST_BYTES + 1));
              conversation.readToEnd();
            })) {
      call(upstream.address(), Duration.ofSeconds(30));
      await().until(() -> !ends.isEmpty());
      assertThat(ends).containsExactly(End.TOO_LONG);
      assertThat(String.join("", heard)).hasSizeLessThanOrEqualTo(MOST_BYTES + "200 OK".length());
    }
  }

  @Test
  void interimAnswersAreNotWaitedBehindForEver() {
    try (RawUpstream upstream =
        RawUpstream.start(
            conversation -> {
              conversation.readHead();
              conversation.send("HTTP/1.1 102 Processing\r\n\r\n".repeat(9));
              conversation.readToEnd();
            })) {
      call(upstream.address(), Duration.ofSeconds(30));
      await().until(() -> !ends.isEmpty());
      assertThat(ends).containsExactly(End.INTERIM);
    }
  }

  @Test
  void silenceIsTimedOut() {
    try (RawUpstream upstream = RawUpstream.start(conversation -> conversation.readToEnd())) {
      call(upstream.address(), Duration.ofMillis(100));
      await().until(() -> !ends.isEmpty());
      assertThat(ends).containsExactly(End.TIMED_OUT);
      await().until(() -> upstream.open() == 0);
    }
  }

  @Test
  void nobodyIsThere() {
    call(Refusing.address(), Duration.ofSeconds(30));
    await().until(() -> !ends.isEmpty());
    assertThat(ends).containsExactly(End.NO_CONNECTION);
  }
}
