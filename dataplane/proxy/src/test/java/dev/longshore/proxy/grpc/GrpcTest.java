package dev.longshore.proxy.grpc;

import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.GOAWAY;
import static dev.longshore.proxy.testing.Http2Client.HEADERS;
import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Answer;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of gRPC through a whole data plane, frame by frame. */
@Timeout(60)
class GrpcTest {
  private static final String METHOD = "/chat.Chat/Talk";

  private record Fixture(Http2Upstream upstream, TestProxy proxy, Http2Client client)
      implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      proxy.close();
      upstream.close();
    }

    void call(int stream, String... fields) {
      String[] all = new String[fields.length + 4];
      all[0] = "content-type";
      all[1] = "application/grpc";
      all[2] = "te";
      all[3] = "trailers";
      System.arraycopy(fields, 0, all, 4, fields.length);
      client.post(stream, METHOD, all);
    }

    double calls(int code) {
      return proxy.metric("longshore_grpc_calls_total{code=\"" + code + "\"}");
    }
  }

  private static TestSettings settings() {
    return new TestSettings().http2(new Http2(true, true, 10));
  }

  private static Fixture with(Script script, Policy policy, TestSettings settings, Ticker ticker) {
    Http2Upstream upstream = Http2Upstream.start(script);
    TestProxy proxy =
        TestProxy.start(
            new TestRoutes()
                .settings(settings.build())
                .all()
                .policy(policy)
                .pool(pool -> pool.with(Protocol.HTTP_2))
                .to(upstream.address()),
            1,
            ticker);
    return new Fixture(upstream, proxy, Http2Client.clear(proxy));
  }

  private static Fixture with(Script script, Policy policy) {
    return with(script, policy, settings(), Ticker.systemTicker());
  }

  private static Fixture with(Script script) {
    return with(script, new TestPolicy().build());
  }

  private static String message(String text) {
    return "\0" + Http2Client.number(text.length()) + text;
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void answer(Peer peer, int id) throws Exception {
    peer.headers(id, false, ":status", "200", "content-type", "application/grpc");
  }

  private static void send(Peer peer, int id, String part) throws Exception {
    peer.frame(Http2Upstream.DATA, 0, id, bytes(part));
  }

  private static int begun(Peer peer) throws Exception {
    return peer.next(Http2Upstream.HEADERS).id();
  }

  @Test
  void aCallPassesWithItsMessagesAndTrailers() throws Exception {
    try (Fixture f =
        with(
            peer -> {
              int id = peer.readRequest().id();
              answer(peer, id);
              send(peer, id, message("one") + message("two"));
              peer.headers(id, true, "grpc-status", "0", "x-more-bin", "AAE=");
              peer.awaitEnd();
            })) {
      f.call(1, "grpc-timeout", "10S", "x-meta", "y".repeat(5000));
      f.client.data(1, message("hello"), true);
      Answer answer = f.client.answer(1);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(message("one") + message("two"));
      assertThat(answer.trailers()).containsEntry("grpc-status", "0");
      assertThat(answer.trailers()).containsEntry("x-more-bin", "AAE=");
      Http2Upstream.Request request = f.upstream.request();
      assertThat(request.field("te")).isEqualTo("trailers");
      assertThat(request.field("grpc-timeout")).isEqualTo("10S");
      assertThat(request.field("x-meta")).hasSize(5000);
      assertThat(request.body()).isEqualTo(message("hello"));
      await().until(() -> f.calls(0) == 1);
      assertThat(f.proxy.metric("longshore_grpc_messages_total{from=\"client\"}")).isEqualTo(1);
      assertThat(f.proxy.metric("longshore_grpc_messages_total{from=\"upstream\"}")).isEqualTo(2);
    }
  }

  @Test
  void anAnswerOfTrailersAlonePasses() throws Exception {
    try (Fixture f =
        with(
            peer -> {
              int id = begun(peer);
              peer.headers(
                  id,
                  true,
                  ":status",
                  "200",
                  "content-type",
                  "application/grpc",
                  "grpc-status",
                  "5",
                  "grpc-message",
                  "not%20here");
              peer.awaitEnd();
            })) {
      f.call(1);
      Frame head = f.client.next(1);
      assertThat(head.last()).isTrue();
      assertThat(head.fields()).containsEntry("grpc-status", "5");
      assertThat(head.fields()).containsEntry("grpc-message", "not%20here");
      await().until(() -> f.calls(5) == 1);
    }
  }

  /** gRPC clients look for no HTTP status; others, gRPC-Web among them, get the usual answer. */
  @Test
  void whatWeAnswerOurselvesIsAStatusOfGrpc() {
    try (Fixture f = with(Http2Upstream.ECHO, new TestPolicy().deny("127.0.0.0/8").build())) {
      f.call(1, "accept", "application/json");
      Frame head = f.client.next(1);
      assertThat(head.last()).isTrue();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.fields()).containsEntry("content-type", "application/grpc");
      assertThat(head.fields()).containsEntry("grpc-status", "7");
      assertThat(head.fields().get("grpc-message")).isNotEmpty();
      assertThat(head.fields()).containsKey("x-request-id");
      assertThat(head.fields()).doesNotContainKey("content-length");
      f.client.post(3, METHOD, "content-type", "application/grpc-web+proto");
      assertThat(f.client.answer(3).status()).isEqualTo(403);
      await().until(() -> f.proxy.accessLog().contains("\"status\":403"));
    }
  }

  @Test
  void anEndpointThatCantBeReachedIsUnavailable() {
    try (TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(settings().build())
                    .all()
                    .pool(pool -> pool.with(Protocol.HTTP_2))
                    .to(Refusing.address()));
        Http2Client client = Http2Client.clear(proxy)) {
      client.post(1, METHOD, "content-type", "application/grpc");
      assertThat(client.next(1).fields()).containsEntry("grpc-status", "14");
      await().until(() -> proxy.metric("longshore_grpc_calls_total{code=\"14\"}") == 1);
    }
  }

  @Test
  void theCallersDeadlineHoldsAndTheResponseTimeOutDoesNot() throws Exception {
    MockTicker ticker = Ticker.newMockTicker();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    try (Fixture f =
        with(
            peer -> {
              begun(peer);
              begun.countDown();
              assertThat(peer.next(Http2Upstream.RST_STREAM).number())
                  .isEqualTo((int) Http2Error.CANCEL.code());
              cancelled.countDown();
              peer.awaitEnd();
            },
            new TestPolicy().answerWithin(Duration.ofSeconds(1)).build(),
            settings(),
            ticker)) {
      f.call(1, "grpc-timeout", "1M");
      f.client.data(1, message("hello"), true);
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 59; i++) {
        ticker.advance(1, TimeUnit.SECONDS);
        Thread.onSpinWait();
      }
      assertThat(cancelled.getCount()).isEqualTo(1);
      ticker.advance(2, TimeUnit.SECONDS);
      Frame head = f.client.next(1);
      assertThat(head.fields()).containsEntry("grpc-status", "4");
      assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
      await().until(() -> f.calls(4) == 1);
    }
  }

  @Test
  void theDeadlineEndsAnAnswerBetweenTwoMessages() throws Exception {
    MockTicker ticker = Ticker.newMockTicker();
    try (Fixture f =
        with(
            peer -> {
              int id = begun(peer);
              answer(peer, id);
              send(peer, id, message("one"));
              peer.awaitEnd();
            },
            new TestPolicy().build(),
            settings(),
            ticker)) {
      f.call(1, "grpc-timeout", "5S");
      assertThat(f.client.next(1).status()).isEqualTo(200);
      assertThat(f.client.next(1).payload()).isEqualTo(message("one"));
      ticker.advance(6, TimeUnit.SECONDS);
      Frame trailers = f.client.next(1);
      assertThat(trailers.last()).isTrue();
      assertThat(trailers.fields()).containsEntry("grpc-status", "4");
    }
  }

  @Test
  void anEndpointThatBreaksOffIsUnavailableUnlessWithinAMessage() throws Exception {
    try (Fixture f =
        with(
            peer -> {
              int id = begun(peer);
              answer(peer, id);
              String one = message("one");
              send(peer, id, peer.number() == 1 ? one : one.substring(0, 7));
              // Read by the client before the end.
              peer.next(Http2Upstream.DATA);
            })) {
      f.call(1);
      assertThat(f.client.next(1).type()).isEqualTo(HEADERS);
      assertThat(f.client.next(1).payload()).isEqualTo(message("one"));
      f.client.data(1, message("go"), false);
      Frame trailers = f.client.next(1);
      assertThat(trailers.last()).isTrue();
      assertThat(trailers.fields()).containsEntry("grpc-status", "14");

      f.call(3);
      assertThat(f.client.next(3).type()).isEqualTo(HEADERS);
      assertThat(f.client.next(3).type()).isEqualTo(DATA);
      f.client.data(3, message("go"), false);
      Frame end = f.client.next(3);
      assertThat(end.type()).isEqualTo(RST_STREAM);
    }
  }

  /** Sends back whatever comes, on every stream. */
  private static final Script TALK =
      peer -> {
        try {
          while (true) {
            Http2Upstream.Frame frame = peer.next();
            if (frame.type() == Http2Upstream.HEADERS) {
              answer(peer, frame.id());
            } else if (frame.type() == DATA && frame.payload().length > 0) {
              peer.frame(DATA, 0, frame.id(), frame.payload());
            }
          }
        } catch (IOException e) {
          // The end.
        }
      };

  /** Lets time pass, and looks; a call is listed once it has lasted for a second. */
  private static void until(MockTicker ticker, Callable<Boolean> condition) {
    await()
        .until(
            () -> {
              ticker.advance(200, TimeUnit.MILLISECONDS);
              return condition.call();
            });
  }

  @Test
  void aCallThatLastsIsListedAndEndsBehindAMessageWhenItsLifeDoes() {
    MockTicker ticker = Ticker.newMockTicker();
    try (Fixture f =
        with(
            TALK,
            new TestPolicy()
                .maxLifetime(Duration.ofMinutes(10))
                .closing(Duration.ofSeconds(20), 4000)
                .build(),
            settings(),
            ticker)) {
      f.call(1);
      assertThat(f.client.next(1).type()).isEqualTo(HEADERS);
      f.client.data(1, message("one") + message("two"), false);
      assertThat(f.client.next(1).payload()).isEqualTo(message("one") + message("two"));
      assertThat(f.proxy.page("/connections")).contains("\"open\":0");
      until(ticker, () -> f.proxy.page("/connections?kind=grpc").contains("\"kind\":\"grpc\""));
      assertThat(f.proxy.page("/connections"))
          .contains(
              "\"open\":1",
              "\"path\":\"" + METHOD + "\"",
              "\"messagesFromClient\":2,\"messagesFromUpstream\":2",
              "\"bytesFromClient\":16,\"bytesFromUpstream\":16");
      assertThat(f.proxy.page("/connections?kind=websocket")).doesNotContain("grpc");
      assertThat(f.proxy.metric("longshore_grpc_calls_open")).isEqualTo(1);
      assertThat(f.proxy.metric("longshore_tunnels_open")).isZero();

      String three = message("three");
      f.client.data(1, three.substring(0, 6), false);
      assertThat(f.client.next(1).payload()).isEqualTo(three.substring(0, 6));
      ticker.advance(11, TimeUnit.MINUTES);
      await().until(() -> f.proxy.page("/connections").contains("\"closing\":\"lifetime\""));
      f.client.data(1, three.substring(6) + message("four"), false);
      assertThat(f.client.next(1).payload()).isEqualTo(three.substring(6));
      Frame trailers = f.client.next(1);
      assertThat(trailers.last()).isTrue();
      assertThat(trailers.fields()).containsEntry("grpc-status", "14");
      await().until(() -> f.proxy.metric("longshore_grpc_calls_open") == 0);
      assertThat(f.proxy.metric("longshore_grpc_calls_closed_total{reason=\"lifetime\"}"))
          .isEqualTo(1);
      assertThat(f.proxy.page("/connections")).contains("\"open\":0");
      await().until(() -> f.proxy.accessLog().contains("call_ended"));
    }
  }

  @Test
  void aMessageThatDoesNotEndIsCutAtTheDeadlineOfTheClose() {
    MockTicker ticker = Ticker.newMockTicker();
    try (Fixture f =
        with(
            TALK,
            new TestPolicy()
                .maxLifetime(Duration.ofMinutes(10))
                .closing(Duration.ofSeconds(20), 4000)
                .build(),
            settings(),
            ticker)) {
      f.call(1);
      f.client.data(1, message("hello").substring(0, 6), false);
      assertThat(f.client.next(1).type()).isEqualTo(HEADERS);
      assertThat(f.client.next(1).type()).isEqualTo(DATA);
      until(ticker, () -> f.proxy.page("/connections").contains("\"open\":1"));
      ticker.advance(11, TimeUnit.MINUTES);
      await().until(() -> f.proxy.page("/connections").contains("\"closing\":\"lifetime\""));
      ticker.advance(21, TimeUnit.SECONDS);
      assertThat(f.client.next(1).type()).isEqualTo(RST_STREAM);
      await().until(() -> f.proxy.metric("longshore_grpc_calls_open") == 0);
    }
  }

  @Test
  void anEndpointThatDrainsSendsItsCallsAwayAndOnlyThose() {
    try (Http2Upstream leaving = Http2Upstream.start(TALK);
        Http2Upstream staying = Http2Upstream.start(TALK)) {
      Policy policy =
          new TestPolicy().draining(Duration.ZERO, OnChange.KEEP, OnChange.KEEP).build();
      TestRoutes routes =
          new TestRoutes()
              .settings(settings().build())
              .all()
              .policy(policy)
              .pool(pool -> pool.with(Protocol.HTTP_2))
              .to(leaving.address(), staying.address());
      RoutingSnapshot snapshot = routes.build();
      try (TestProxy proxy = TestProxy.start(routes);
          Fixture f = new Fixture(leaving, proxy, Http2Client.clear(proxy))) {
        for (int stream = 1; stream < 8; stream += 2) {
          f.call(stream);
          assertThat(f.client.next(stream).type()).isEqualTo(HEADERS);
        }
        await().until(() -> proxy.metric("longshore_grpc_calls_open") == 4);
        EndpointSet set =
            new EndpointSet(
                new EndpointSetKey("test", "route/pool-0", "static"),
                List.of(
                    endpoint(leaving.address(), State.DRAINING),
                    endpoint(staying.address(), State.READY)));
        assertThat(proxy.dataPlane().apply(SnapshotBuilder.from(snapshot).put(set).build()))
            .isEmpty();
        await()
            .until(() -> proxy.metric("longshore_grpc_calls_closed_total{reason=\"drain\"}") == 2);
        assertThat(proxy.metric("longshore_grpc_calls_open")).isEqualTo(2);
        Frame trailers = Objects.requireNonNull(f.client.nextOf(HEADERS));
        assertThat(trailers.last()).isTrue();
        assertThat(trailers.fields()).containsEntry("grpc-status", "14");
      }
    }
  }

  private static Endpoint endpoint(InetSocketAddress address, State state) {
    return new Endpoint(address.getAddress().getHostAddress(), address.getPort(), state);
  }

  @Test
  void aShutdownEndsCallsAndTellsTheConnectionToGo() {
    TestSettings settings =
        settings().processDrain(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(20));
    try (Fixture f = with(TALK, new TestPolicy().build(), settings, Ticker.systemTicker())) {
      f.call(1);
      f.client.data(1, message("hello"), false);
      assertThat(f.client.next(1).type()).isEqualTo(HEADERS);
      assertThat(f.client.next(1).type()).isEqualTo(DATA);
      await().until(() -> f.proxy.metric("longshore_grpc_calls_open") == 1);
      CompletableFuture<Void> shutdown = f.proxy.dataPlane().shutdown();
      assertThat(Objects.requireNonNull(f.client.nextOf(GOAWAY)).number(4)).isZero();
      Frame trailers = f.client.next(1);
      assertThat(trailers.fields()).containsEntry("grpc-status", "14");
      shutdown.join();
    }
  }

  @Test
  void aCallMayBeLongerThanABodyButNoMessageOfItMay() {
    TestSettings settings = settings();
    Bounds bounds = settings.build().bounds();
    settings.bounds(
        new Bounds(
            bounds.requestLineBytes(),
            bounds.headerBytes(),
            bounds.headerCount(),
            1000,
            bounds.requestTimeout()));
    try (Fixture f = with(TALK, new TestPolicy().build(), settings, Ticker.systemTicker())) {
      f.call(1);
      assertThat(f.client.next(1).type()).isEqualTo(HEADERS);
      for (int i = 0; i < 5; i++) {
        f.client.data(1, message("x".repeat(900)), false);
        assertThat(f.client.next(1).payload()).hasSize(905);
      }
      f.client.data(1, message("x".repeat(1001)).substring(0, 10), false);
      Frame trailers = f.client.next(1);
      assertThat(trailers.fields()).containsEntry("grpc-status", "8");
    }
  }
}
