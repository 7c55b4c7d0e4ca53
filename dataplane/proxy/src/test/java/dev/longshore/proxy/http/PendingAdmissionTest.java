package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.IdleConnections;
import dev.longshore.proxy.dial.PooledUpstreams;
import dev.longshore.proxy.filter.FilterRequest;
import dev.longshore.proxy.filter.RequestFilter;
import dev.longshore.proxy.filter.RequestFilters;
import dev.longshore.proxy.filter.Verdict;
import dev.longshore.proxy.handshake.Handshakes;
import dev.longshore.proxy.http1.ClientConnection;
import dev.longshore.proxy.limit.Connections;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.AccessLogFormat;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.route.TestTables;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import dev.longshore.proxy.tunnel.TunnelObserver;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A filter whose verdict comes later, from another thread, on a connection of a real client. */
@Timeout(60)
class PendingAdmissionTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final BlockingQueue<CompletableFuture<Verdict>> asked = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream accessLog = new ByteArrayOutputStream();
  private final SocketTransport transport = SocketTransport.best();
  private final EventLoop loop = new MultiThreadIoEventLoopGroup(1, transport.loops()).next();
  private final Watched watched;
  private final Metrics metrics = new Metrics();
  private final SnapshotHolder snapshots = new SnapshotHolder();
  private final Tunnels tunnels = new Tunnels(TunnelObserver.NONE, Ticker.systemTicker());
  private final Limiter limiter =
      new Limiter(IntUnaryOperator.identity(), 100, Ticker.systemTicker());
  private final Connections connections = new Connections(0, 0);
  private final RawUpstream upstream =
      RawUpstream.start(
          conversation -> {
            while (true) {
              HttpHead head = conversation.readHead();
              if (head.first("upgrade") != null) {
                conversation.switchProtocols();
                conversation.echo();
                return;
              }
              String length = head.first("content-length");
              String body = length == null ? "" : conversation.readBody(head);
              conversation.answer(head.first("x-user") + " said " + body);
            }
          });

  private volatile Duration within = LONG;
  private LoopContext context;
  private Channel listener;

  PendingAdmissionTest() throws IOException {
    watched = new Watched();
  }

  @BeforeEach
  void listen() {
    snapshots.apply(
        new TestRoutes()
            .all()
            .policy(new TestPolicy().connections(1).build())
            .to(upstream.address())
            .build());
    RoutingState state = TestTables.recompiled(snapshots.current(), this::compiled);
    AccessLog log =
        new AccessLog(accessLog, AccessLogFormat.TEXT, () -> state.settings().accessLog());
    DeadlineSweep deadlines =
        new DeadlineSweep(loop, watched.watch().part("deadlines"), Ticker.systemTicker());
    context =
        new LoopContext(
            () -> state,
            deadlines,
            new PooledUpstreams(
                new Dialer(loop, transport.sockets()), new IdleConnections(deadlines, 1)),
            new Handshakes(tunnels),
            tunnels.calls(loop),
            limiter,
            NoAuthorizer.INSTANCE,
            new PasswordChecks(),
            new RequestRecorder(metrics, log),
            new HeadMemory());
    listener =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(transport.servers())
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.enter(channel);
                    ClientConnection.serve(
                        channel,
                        context,
                        ClientPeer.of(channel.remoteAddress().getAddress(), ClientListener.PLAIN),
                        state.settings().bounds());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  @AfterEach
  void stop() {
    listener.close().syncUninterruptibly();
    upstream.close();
    loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    snapshots.close();
    metrics.close();
    watched.close();
  }

  /** The filters of the policy, and behind them one that asks this test. */
  private CompiledPolicy compiled(Policy policy) {
    RequestFilters standard = RequestFilters.of(policy);
    List<RequestFilter> filters = new ArrayList<>();
    for (int i = 0; i < standard.size(); i++) {
      int filter = i;
      filters.add(request -> standard.test(filter, request));
    }
    filters.add(this::later);
    return CompiledPolicy.of(policy, RequestFilters.of(filters));
  }

  private Verdict later(FilterRequest request) {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    asked.add(verdict);
    return new Verdict.Later(verdict, within);
  }

  private CompletableFuture<Verdict> asked() throws InterruptedException {
    CompletableFuture<Verdict> verdict = asked.poll(20, TimeUnit.SECONDS);
    assertThat(verdict).as("the filter was asked").isNotNull();
    return verdict;
  }

  private RawClient connect() {
    return RawClient.connect(Wire.PLAIN, (InetSocketAddress) listener.localAddress());
  }

  private void awaitLog(String part) {
    await().until(() -> accessLog.toString(StandardCharsets.UTF_8).contains(part));
  }

  private static Verdict user(String name) {
    return new Verdict.Edit(new HeaderEdits(List.of(new Header("X-User", name)), List.of()));
  }

  @Test
  void aRequestGoesOnWhereItStopped() throws Exception {
    try (RawClient client = connect()) {
      client.send(
          RawClient.get("/", "X-User: evil\r\n", "X_user: evil\r\n") + RawClient.get("/second"));
      CompletableFuture<Verdict> first = asked();
      assertThat(client.isSilentFor(100)).isTrue();
      assertThat(asked).as("the next one waits for its turn").isEmpty();
      first.complete(user("ann"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(client.readBody(answer)).isEqualTo("ann said ");
      asked().complete(Verdict.PASS);
      assertThat(client.readBody(client.readHead())).isEqualTo("null said ");
    }
  }

  @Test
  void aBodyWaitsToo() throws Exception {
    try (RawClient client = connect()) {
      client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 5\r\n\r\nhello");
      asked().complete(user("ann"));
      assertThat(client.readBody(client.readHead())).isEqualTo("ann said hello");
    }
  }

  @Test
  void whatIsBehindAHandshakeWaitsToo() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.handshake("/") + RawClient.message("early"));
      CompletableFuture<Verdict> verdict = asked();
      client.send(RawClient.message("later"));
      assertThat(client.isSilentFor(100)).isTrue();
      verdict.complete(Verdict.PASS);
      assertThat(client.readHead().status()).isEqualTo(101);
      String both = RawClient.message("early") + RawClient.message("later");
      assertThat(client.read(both.length())).isEqualTo(both);
    }
  }

  @Test
  void theVerdictMayBeAnAnswerWithFields() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.get("/"));
      asked()
          .complete(
              new Verdict.Answer(
                  LocalAnswer.forbidden("not you")
                      .with(AsciiString.cached("WWW-Authenticate"), "Basic")
                      .with(HttpHeaderNames.SET_COOKIE, "a=1")
                      .with(HttpHeaderNames.SET_COOKIE, "b=2")));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.first("www-authenticate")).isEqualTo("Basic");
      assertThat(answer.all("set-cookie")).containsExactly("a=1", "b=2");
      assertThat(client.readBody(answer)).contains("not you");
      client.send(RawClient.get("/"));
      asked().complete(Verdict.PASS);
      assertThat(client.readHead().status()).as("on the same connection").isEqualTo(200);
    }
  }

  @Test
  void theVerdictMayBeToWaitOnceMore() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.get("/"));
      CompletableFuture<Verdict> second = new CompletableFuture<>();
      asked().complete(new Verdict.Later(second, LONG));
      assertThat(client.isSilentFor(100)).isTrue();
      second.complete(Verdict.PASS);
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void withoutAVerdictNobodyIsLetIn() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.get("/"));
      asked().completeExceptionally(new IOException("planted"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(client.readBody(answer)).doesNotContain("planted");
      awaitLog("planted");
    }
  }

  @Test
  void nobodyWaitsForEver() throws Exception {
    within = Duration.ofMillis(100);
    try (RawClient client = connect()) {
      client.send(RawClient.get("/"));
      CompletableFuture<Verdict> verdict = asked();
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(503);
      client.readBody(answer);
      assertThat(verdict).as("whoever looks for it may stop").isCancelled();
      within = LONG;
      client.send(RawClient.get("/"));
      asked().complete(Verdict.PASS);
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void whoLeavesMeanwhileLeavesNothingBehind() throws Exception {
    try (RawClient leaving = connect();
        RawClient staying = connect()) {
      leaving.send(RawClient.handshake("/"));
      CompletableFuture<Verdict> verdict = asked();
      staying.send(RawClient.handshake("/"));
      assertThat(staying.readHead().status()).as("the place is held").isEqualTo(429);
      leaving.reset();
      await().until(verdict::isCancelled);
      assertThat(asked).isEmpty();
    }
    try (RawClient next = connect()) {
      next.send(RawClient.handshake("/"));
      asked().complete(Verdict.PASS);
      assertThat(next.readHead().status()).as("and is free again").isEqualTo(101);
    }
  }

  @Test
  void aHandshakeOfWhichOneDirectionHasEndedComesToNothing() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.handshake("/"));
      CompletableFuture<Verdict> verdict = asked();
      client.shutdownOutput();
      await().until(verdict::isCancelled);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void theEndOfTheProcessCancelsIt() throws Exception {
    try (RawClient client = connect()) {
      client.send(RawClient.get("/"));
      CompletableFuture<Verdict> verdict = asked();
      loop.execute(context::closeAll);
      await().until(verdict::isCancelled);
    }
  }
}
