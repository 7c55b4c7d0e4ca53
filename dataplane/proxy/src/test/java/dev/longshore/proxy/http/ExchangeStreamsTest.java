package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.AccessLogFormat;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.route.RequestTarget;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges between streams that are no sockets: what another protocol's streams can rely on. */
class ExchangeStreamsTest implements Upstreams {
  private static final HttpResponseStatus OK = HttpResponseStatus.OK;

  private final SnapshotHolder snapshots = new SnapshotHolder();
  private final Metrics metrics = new Metrics();
  private final AccessLog log =
      new AccessLog(
          new ByteArrayOutputStream(), AccessLogFormat.TEXT, () -> Settings.AccessLog.ALL);
  private final List<FakeUpstream> opened = new ArrayList<>();
  private final FakeClient client = new FakeClient();
  private final Watch watch = new Watch();
  private final DeadlineSweep deadlines =
      new DeadlineSweep(
          new EmbeddedChannel().eventLoop(), watch.part("deadlines"), Ticker.systemTicker());
  private final Exchanges exchanges =
      new Exchanges(
          new Admission(
              new Limiter(IntUnaryOperator.identity(), 100, Ticker.systemTicker()),
              NoAuthorizer.INSTANCE,
              new PasswordChecks()),
          (stream, admitted, context) -> {
            throw new AssertionError("nothing is upgraded here");
          },
          snapshots::current,
          new ExchangeContext(
              snapshots::current,
              this,
              new RequestRecorder(metrics, log),
              deadlines,
              (_, _) -> {
                throw new AssertionError("no call lasts here");
              }));

  @BeforeEach
  void route() {
    snapshots.apply(
        new TestRoutes()
            .all()
            .policy(new TestPolicy().build())
            .to(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 2))
            .build());
  }

  @AfterEach
  void stop() {
    log.close();
    snapshots.close();
    metrics.close();
    watch.close();
  }

  @Override
  public UpstreamStream open(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      Wire wire,
      Reuse reuse,
      UpstreamListener listener) {
    FakeUpstream stream = new FakeUpstream(listener);
    opened.add(stream);
    return stream;
  }

  @Override
  public void closeIdle() {
    // Nothing rests.
  }

  private FakeUpstream begin(HttpMethod method, Body body) {
    exchanges.begin(client, request(method, body));
    FakeUpstream upstream = opened.getFirst();
    upstream.listener.connected();
    return upstream;
  }

  private static ClientRequest request(HttpMethod method, Body body) {
    ClientPeer peer = ClientPeer.of(InetAddress.getLoopbackAddress(), ClientListener.PLAIN);
    return new ClientRequest(
        method,
        Protocol.HTTP_1_1,
        new DefaultHttpHeaders(),
        ConnectionOptions.of(new DefaultHttpHeaders()),
        "chat.example.com",
        "chat.example.com",
        (RequestTarget.Accepted) RequestTarget.parse("/"),
        body,
        false,
        "id",
        peer,
        new ClientIdentity(peer.address(), peer.text(), false, List.of(), 0, null),
        new RequestedAs(false, "chat.example.com", 80),
        System.nanoTime());
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, CharsetUtil.US_ASCII);
  }

  private static HttpHeaders field(String name, String value) {
    return new DefaultHttpHeaders().add(name, value);
  }

  @Test
  void trailersGoBothWays() {
    FakeUpstream upstream = begin(HttpMethod.POST, Body.CHUNKED);
    Exchange exchange = client.exchange();
    exchange.requestData(bytes("question"), false);
    exchange.requestTrailers(field("x-sum", "1"));
    assertThat(upstream.told).containsExactly("POST /", "question", "trailers x-sum=1");
    upstream.listener.answer(OK, new DefaultHttpHeaders());
    upstream.listener.answerData(bytes("answer"), false);
    upstream.listener.answerTrailers(field("grpc-status", "0"));
    assertThat(client.told)
        .containsExactly("resume", "200", "answer", "trailers grpc-status=0", "finished");
    assertThat(upstream.told).endsWith("finished");
  }

  @Test
  void whoTakesNothingHoldsUpTheOther() {
    FakeUpstream upstream = begin(HttpMethod.POST, Body.CHUNKED);
    Exchange exchange = client.exchange();
    upstream.writable = false;
    exchange.requestData(bytes("question"), false);
    assertThat(client.told).endsWith("pause");
    upstream.writable = true;
    upstream.listener.upstreamWritabilityChanged();
    assertThat(client.told).endsWith("resume");
    exchange.requestData(bytes(""), true);
    upstream.listener.answer(OK, new DefaultHttpHeaders());
    client.writable = false;
    upstream.listener.answerData(bytes("answer"), false);
    assertThat(upstream.told).endsWith("read false");
    client.writable = true;
    exchange.clientWritabilityChanged();
    assertThat(upstream.told).endsWith("read true");
    exchange.clientGone();
    assertThat(upstream.told).endsWith("abandoned");
  }

  @Test
  void anAnswerThatBreaksOffIsReset() {
    FakeUpstream upstream = begin(HttpMethod.GET, Body.NONE);
    upstream.listener.answer(OK, new DefaultHttpHeaders());
    upstream.listener.upstreamClosed(UpstreamListener.Loss.BROKEN);
    assertThat(client.told).containsExactly("200", "reset");
  }

  @Test
  void whatNobodyHasActedOnIsAskedAgain() {
    FakeUpstream upstream = begin(HttpMethod.POST, Body.NONE);
    upstream.listener.upstreamClosed(UpstreamListener.Loss.UNSENT);
    assertThat(opened).hasSize(2);
    FakeUpstream second = opened.getLast();
    second.listener.connected();
    assertThat(second.told).containsExactly("POST /");
    second.listener.upstreamClosed(UpstreamListener.Loss.CROSSED);
    assertThat(client.told).as("it may have been acted on").endsWith("refused 502");
  }

  @Test
  void anotherEndpointIsTriedIfOneRefuses() {
    snapshots.apply(
        new TestRoutes()
            .all()
            .policy(new TestPolicy().retries(1).build())
            .to(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 2))
            .build());
    exchanges.begin(client, request(HttpMethod.GET, Body.NONE));
    opened.getFirst().listener.connectFailed(new ConnectException("refused"));
    assertThat(opened).hasSize(2);
    opened.getLast().listener.connectFailed(new ConnectException("refused"));
    assertThat(client.told).containsExactly("refused 502");
  }

  private static final class FakeClient implements ClientStream {
    private final List<String> told = new ArrayList<>();
    private @Nullable Exchange exchange;
    private boolean writable = true;

    private Exchange exchange() {
      return Objects.requireNonNull(exchange, "nothing has begun");
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void arm(Duration after) {
      // Time stands still.
    }

    @Override
    public void boundStall(Duration bound) {
      // As above.
    }

    @Override
    public void begin(Exchange next) {
      exchange = next;
      next.start();
    }

    @Override
    public void pause() {
      told.add("pause");
    }

    @Override
    public void resume() {
      told.add("resume");
    }

    @Override
    public void expectTunnel() {
      told.add("tunnel");
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public void interim(HttpResponseStatus status, HttpHeaders fields) {
      told.add("interim " + status.code());
    }

    @Override
    public void head(HttpResponseStatus status, HttpHeaders fields) {
      told.add(Integer.toString(status.code()));
    }

    @Override
    public void data(ByteBuf bytes, boolean last) {
      told.add(text(bytes, last));
    }

    @Override
    public void trailers(HttpHeaders trailers) {
      trailers.forEach(each -> told.add("trailers " + each));
    }

    @Override
    public void flush() {
      // Nothing waits.
    }

    @Override
    public void finished() {
      told.add("finished");
    }

    @Override
    public void refuse(LocalAnswer refusal) {
      told.add("refused " + refusal.status().code());
    }

    @Override
    public void reset() {
      told.add("reset");
    }

    @Override
    public void cut() {
      told.add("cut");
    }

    @Override
    public Carrier accept(
        String accept,
        @Nullable String subprotocol,
        @Nullable String extensions,
        HttpHeaders fields) {
      throw new AssertionError("nothing is upgraded here");
    }
  }

  /** What was written, and whether that was all of it. */
  private static String text(ByteBuf bytes, boolean last) {
    try {
      return bytes.toString(CharsetUtil.US_ASCII) + (last ? "." : "");
    } finally {
      bytes.release();
    }
  }

  private static final class FakeUpstream implements UpstreamStream {
    private final UpstreamListener listener;
    private final List<String> told = new ArrayList<>();
    private boolean writable = true;

    FakeUpstream(UpstreamListener listener) {
      this.listener = listener;
    }

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void request(UpstreamRequestHead head, Keepalive kept) {
      told.add(head.method() + " " + head.target());
    }

    @Override
    public void handshake(
        UpstreamRequestHead head,
        String key,
        @Nullable String subprotocols,
        @Nullable String extensions) {
      throw new AssertionError("nothing is upgraded here");
    }

    @Override
    public void data(ByteBuf bytes, boolean last) {
      told.add(text(bytes, last));
    }

    @Override
    public void trailers(HttpHeaders trailers) {
      trailers.forEach(each -> told.add("trailers " + each));
    }

    @Override
    public void flush() {
      // Nothing waits.
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public boolean hasStoppedTaking() {
      return false;
    }

    @Override
    public void read(boolean on) {
      told.add("read " + on);
    }

    @Override
    public void finished(Keepalive kept) {
      told.add("finished");
    }

    @Override
    public void abandon() {
      told.add("abandoned");
    }

    @Override
    public void leaveHttp() {
      throw new AssertionError("nothing is upgraded here");
    }

    @Override
    public Carrier handOver() {
      throw new AssertionError("nothing is upgraded here");
    }

    @Override
    public long heldBytes() {
      return 0;
    }
  }
}
