package dev.longshore.proxy.dial.http2;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Frame;
import dev.longshore.proxy.testing.Http2Upstream.Request;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection.Chunked;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests to endpoints that speak HTTP/2, in the clear. */
class Http2UpstreamTest {
  private static final String POST = "POST /p HTTP/1.1\r\nHost: chat.example.com\r\n";

  private record Fixture(Http2Upstream upstream, TestProxy proxy, RawClient client)
      implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      proxy.close();
      upstream.close();
    }

    RawClient connect() {
      return proxy.connect(Wire.PLAIN);
    }
  }

  private static Fixture with(Script script) {
    return with(script, 64);
  }

  private static Fixture with(Script script, int idle) {
    Http2Upstream upstream = Http2Upstream.start(script);
    TestProxy proxy =
        TestProxy.start(
            new TestRoutes()
                .all()
                .keepalive(idle)
                .pool(pool -> pool.with(Protocol.HTTP_2))
                .to(upstream.address()));
    return new Fixture(upstream, proxy, proxy.connect(Wire.PLAIN));
  }

  private static String body(RawClient client) {
    return client.readBody(client.readHead());
  }

  /** Of an answer without a length. */
  private static Chunked chunks(RawClient client) {
    HttpHead head = client.readHead();
    assertThat(head.all("transfer-encoding")).containsExactly("chunked");
    return client.readChunks();
  }

  @Test
  void aRequestHasItsPseudoHeadersAndNoFieldsOfTheConnection() throws Exception {
    try (Fixture f = with(Http2Upstream.ECHO)) {
      f.client.send(
          "GET /a?b=c HTTP/1.1\r\nHost: chat.example.com\r\nConnection: X-Hop, TE\r\nX-Hop: 1\r\n"
              + "Keep-Alive: 5\r\nTE: trailers, deflate\r\nX-Mixed-Case: Yes\r\n\r\n");
      assertThat(chunks(f.client).body()).isEqualTo("/a?b=c ");
      Request request = f.upstream.request();
      assertThat(request.field(":method")).isEqualTo("GET");
      assertThat(request.field(":scheme")).isEqualTo("http");
      assertThat(request.field(":authority")).isEqualTo("chat.example.com");
      assertThat(request.field(":path")).isEqualTo("/a?b=c");
      assertThat(request.field("x-mixed-case")).isEqualTo("Yes");
      assertThat(request.field("te")).isEqualTo("trailers");
      assertThat(request.field("x-forwarded-proto")).isEqualTo("http");
      for (String absent : List.of("host", "connection", "x-hop", "keep-alive")) {
        assertThat(request.field(absent)).as(absent).isNull();
      }
    }
  }

  @Test
  void requestsOfManyClientsShareAConnection() throws Exception {
    CountDownLatch all = new CountDownLatch(1);
    try (Fixture f =
        with(
            peer -> {
              List<Request> requests = new ArrayList<>();
              while (requests.size() < 20) {
                requests.add(peer.readRequest());
              }
              all.countDown();
              for (Request each : requests.reversed()) {
                peer.headers(each.id(), false, ":status", "200", "content-length", "4");
                peer.data(each.id(), Objects.requireNonNull(each.field(":path")), true);
              }
              peer.awaitEnd();
            })) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        RawClient client = f.connect();
        clients.add(client);
        client.send(get("/n" + (10 + i)));
      }
      assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 20; i++) {
        assertThat(body(clients.get(i))).isEqualTo("/n" + (10 + i));
        clients.get(i).close();
      }
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void bodiesGoBothWaysWhateverTheirLength() throws Exception {
    try (Fixture f = with(Http2Upstream.ECHO)) {
      String large = "x".repeat(1_000_000);
      f.client.send(POST + "Content-Length: 1000000\r\n\r\n" + large);
      assertThat(f.upstream.request().field("content-length")).isEqualTo("1000000");
      assertThat(chunks(f.client).body()).isEqualTo("/p 1000000");
      f.client.send(POST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      assertThat(chunks(f.client).body()).isEqualTo("/p abc");
      assertThat(f.upstream.request().field("content-length")).isNull();
      f.client.send(POST + "Content-Length: 0\r\n\r\n");
      assertThat(chunks(f.client).body()).isEqualTo("/p ");
      assertThat(f.upstream.request().field("content-length")).isEqualTo("0");
    }
  }

  @Test
  void trailersGoBothWays() throws Exception {
    try (Fixture f =
        with(
            peer -> {
              Request request = peer.readRequest();
              peer.headers(request.id(), false, ":status", "200");
              peer.data(request.id(), "body", false);
              peer.headers(request.id(), true, "grpc-status", "0", "set-cookie", "a=b");
              peer.awaitEnd();
            })) {
      f.client.send(
          POST
              + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\nX-Forwarded-For: 1.2.3.4\r\n"
              + "Authorization: x\r\n\r\n");
      Chunked answer = chunks(f.client);
      assertThat(answer.body()).isEqualTo("body");
      assertThat(answer.trailers()).contains("grpc-status: 0").doesNotContain("set-cookie");
      var trailers = Objects.requireNonNull(f.upstream.request().trailers());
      assertThat(trailers.get("x-sum")).hasToString("1");
      assertThat(trailers.size()).isEqualTo(1);
    }
  }

  @Test
  void headsThatAreAllOfAnAnswer() throws Exception {
    try (Fixture f =
        with(
            peer -> {
              while (true) {
                Request request = peer.readRequest();
                String path = Objects.requireNonNull(request.field(":path"));
                if (path.equals("/head")) {
                  peer.headers(request.id(), true, ":status", "200", "content-length", "5");
                } else {
                  peer.headers(request.id(), false, ":status", "103", "link", "</a>");
                  peer.headers(request.id(), true, ":status", path.substring(1));
                }
              }
            })) {
      f.client.send("HEAD /head HTTP/1.1\r\nHost: chat.example.com\r\n\r\n");
      assertThat(f.client.readHead().all("content-length")).containsExactly("5");
      for (String status : List.of("200", "204", "304", "404")) {
        f.client.send(get("/" + status));
        assertThat(f.client.readHead().status()).isEqualTo(103);
        HttpHead head = f.client.readHead();
        assertThat(head.status()).isEqualTo(Integer.parseInt(status));
        assertThat(head.all("content-length"))
            .isEqualTo(status.endsWith("00") || status.equals("404") ? List.of("0") : List.of());
      }
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void anUploadWaitsForWindowsAndSoDoesItsClient() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Fixture f =
        with(
            peer -> {
              peer.keepsWindows();
              int id = peer.next(Http2Upstream.HEADERS).id();
              int got = 0;
              while (got < 65_535) {
                got += peer.next(Http2Upstream.DATA).payload().length;
              }
              go.await();
              peer.window(0, 100_000_000).window(id, 100_000_000);
              Frame data;
              do {
                data = peer.next(Http2Upstream.DATA);
                got += data.payload().length;
              } while (!data.has(Http2Upstream.END_STREAM));
              peer.headers(id, false, ":status", "200", "content-length", "8");
              peer.data(id, "" + got, true);
              peer.awaitEnd();
            })) {
      int size = 20_000_000;
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () ->
                      f.client.send(
                          POST + "Content-Length: " + size + "\r\n\r\n" + "x".repeat(size)));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> f.proxy.metric("longshore_upstream_http2_connections") == 1);
      go.countDown();
      assertThat(body(f.client)).isEqualTo("" + size);
      sender.join();
    }
  }

  @Test
  void anAnswerWaitsForItsClientAloneAndWholeInTheEnd() throws Exception {
    int size = 30_000_000;
    try (Fixture f =
        with(
            peer -> {
              Request slow = peer.readRequest();
              Request quick = peer.readRequest();
              peer.headers(slow.id(), false, ":status", "200", "content-length", "" + size);
              long window = 65_535;
              long left = size;
              boolean answered = false;
              while (left > 0) {
                int now = (int) Math.min(Math.min(window, left), 16_000);
                if (now > 0) {
                  peer.data(slow.id(), new byte[now], now == left);
                  window -= now;
                  left -= now;
                  continue;
                }
                if (!answered) {
                  answered = true;
                  peer.headers(quick.id(), false, ":status", "200", "content-length", "2");
                  peer.data(quick.id(), "ok", true);
                }
                Frame frame = peer.read();
                if (frame.type() == Http2Upstream.WINDOW_UPDATE && frame.id() == slow.id()) {
                  window += frame.number();
                }
              }
              peer.awaitEnd();
            })) {
      f.client.send(get("/slow"));
      f.upstream.request();
      try (RawClient other = f.connect()) {
        other.send(get("/quick"));
        assertThat(body(other)).isEqualTo("ok");
      }
      assertThat(f.client.readBody(f.client.readHead())).hasSize(size);
    }
  }

  @Test
  void aClientThatLeavesResetsItsStreamAlone() throws Exception {
    CountDownLatch both = new CountDownLatch(1);
    try (Fixture f =
        with(
            peer -> {
              int first = peer.next(Http2Upstream.HEADERS).id();
              int second = peer.next(Http2Upstream.HEADERS).id();
              both.countDown();
              Frame reset = peer.next(Http2Upstream.RST_STREAM);
              assertThat(reset.id()).isEqualTo(first);
              assertThat(reset.number()).isEqualTo(8);
              peer.headers(second, true, ":status", "200");
              peer.awaitEnd();
            })) {
      f.client.send(get("/1"));
      await().until(() -> f.proxy.metric("longshore_upstream_http2_connections") == 1);
      try (RawClient other = f.connect()) {
        other.send(get("/2"));
        assertThat(both.await(60, TimeUnit.SECONDS)).isTrue();
        // Who only ends its side may still want the answer.
        f.client.reset();
        assertThat(other.readHead().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void moreConnectionsAreMadeWhenThoseThereAreFull() throws Exception {
    CountDownLatch all = new CountDownLatch(6);
    try (Fixture f =
        with(
            peer -> {
              peer.open(Http2Upstream.MAX_CONCURRENT_STREAMS, 2);
              Request one = peer.readRequest();
              all.countDown();
              Request two = peer.readRequest();
              all.countDown();
              all.await();
              for (Request each : List.of(one, two)) {
                peer.headers(each.id(), true, ":status", "200", "x-connection", "" + peer.number());
              }
              peer.awaitEnd();
            })) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        RawClient client = f.connect();
        clients.add(client);
        client.send(get("/"));
      }
      for (RawClient client : clients) {
        assertThat(client.readHead().status()).isEqualTo(200);
        client.close();
      }
    }
  }

  @Test
  void anEndpointThatTakesNoStreamsIsAFailureToConnect() {
    try (Fixture f =
        with(
            peer -> {
              peer.open(Http2Upstream.MAX_CONCURRENT_STREAMS, 0);
              peer.awaitEnd();
            })) {
      assertThat(f.client.send(get("/")).readHead().status()).isEqualTo(502);
    }
  }

  @Test
  void anEndpointThatSpeaksSomethingElseIsAFailureToConnect() {
    try (Fixture f =
        with(
            peer -> {
              peer.raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
              peer.awaitEnd();
            })) {
      assertThat(f.client.send(get("/")).readHead().status()).isEqualTo(502);
      await().untilAsserted(() -> assertThat(f.proxy.accessLog()).contains("no HTTP/2 is spoken"));
      assertThat(f.proxy.metric("longshore_upstream_failures_total{kind=\"unreachable\"}"))
          .isPositive();
    }
  }

  @Test
  void anIdleConnectionEndsWithAGoAway() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (Fixture f =
        with(
            peer -> {
              Request request = peer.readRequest();
              peer.headers(request.id(), true, ":status", "200");
              peer.next(Http2Upstream.GOAWAY);
              gone.countDown();
            },
            0)) {
      assertThat(f.client.send(get("/")).readHead().status()).isEqualTo(200);
      assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
