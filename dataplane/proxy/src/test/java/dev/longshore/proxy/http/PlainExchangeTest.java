package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection.Chunked;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 12: plain HTTP/1.1 stays correct through the proxy. */
@ParameterizedClass
@EnumSource(Wire.class)
@Execution(ExecutionMode.SAME_THREAD) // floods, which take a core each
class PlainExchangeTest {
  private static final String POST = "POST /p HTTP/1.1\r\nHost: chat.example.com\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";
  private static final int CHUNK_SIZE = 64 * 1024;
  private static final String CHUNK = "10000\r\n" + "x".repeat(CHUNK_SIZE) + "\r\n";
  private static final String LAST_CHUNK = "0\r\n\r\n";

  private final Wire wire;

  PlainExchangeTest(Wire wire) {
    this.wire = wire;
  }

  private record Fixture(RawUpstream upstream, TestProxy proxy, RawClient client)
      implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      proxy.close();
      upstream.close();
    }
  }

  private Fixture with(RawUpstream.Script script) {
    return with(RawUpstream.start(script));
  }

  private Fixture with(RawUpstream upstream) {
    TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
    return new Fixture(upstream, proxy, proxy.connect(wire));
  }

  @Test
  void requestsOfAConnectionShareAnUpstreamConnection() throws Exception {
    try (Fixture f = with(RawUpstream.answering("body"))) {
      for (int i = 0; i < 5; i++) {
        f.client.send(get("/" + i));
        assertThat(f.client.readBody(f.client.readHead())).isEqualTo("body");
        HttpHead request = f.upstream.request();
        assertThat(request.target()).isEqualTo("/" + i);
        assertThat(request.has("connection")).isFalse();
      }
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (Fixture f =
        with(
            conversation -> {
              while (true) {
                HttpHead head = conversation.readRequest();
                assertThat(conversation.isSilentFor(50)).as("one at a time").isTrue();
                conversation.answer(head.target());
              }
            })) {
      f.client.send(get("/1") + get("/2") + POST + "Content-Length: 0\r\n\r\n" + get("/3"));
      for (String target : new String[] {"/1", "/2", "/p", "/3"}) {
        assertThat(f.client.readBody(f.client.readHead())).isEqualTo(target);
      }
    }
  }

  @Test
  void manyPipelinedRequestsAreHeldBackAtTheSocket() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              answer.await();
              conversation.answer("first");
              while (true) {
                conversation.readHead();
                conversation.answer("next");
              }
            })) {
      String batch = get("/" + "x".repeat(100)).repeat(100);
      Flood.start(f.client, batch, "").awaitStandstill();
      answer.countDown();
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("first");
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("next");
    }
  }

  @Test
  void headHasHeadersAndNoBody() {
    try (Fixture f =
        with(
            conversation -> {
              while (true) {
                HttpHead head = conversation.readRequest();
                conversation.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-N: " + head.target() + "\r\n\r\n");
                if (head.start().startsWith("GET")) {
                  conversation.send("hello");
                }
              }
            })) {
      f.client.send("HEAD /1 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n" + get("/2"));
      HttpHead head = f.client.readHead();
      assertThat(head.all("content-length")).containsExactly("5");
      assertThat(head.all("x-n")).containsExactly("/1");
      HttpHead next = f.client.readHead();
      assertThat(next.all("x-n")).containsExactly("/2");
      assertThat(f.client.readBody(next)).isEqualTo("hello");
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"204 No Content", "304 Not Modified"})
  void answersWithoutABodyEndAtTheirHead(String status) {
    try (Fixture f =
        with(
            conversation -> {
              while (true) {
                conversation.readRequest();
                conversation.send("HTTP/1.1 " + status + "\r\nETag: \"x\"\r\n\r\n");
              }
            })) {
      f.client.send(get("/1") + get("/2"));
      for (int i = 0; i < 2; i++) {
        HttpHead answer = f.client.readHead();
        assertThat(answer.start()).isEqualTo("HTTP/1.1 " + status);
        assertThat(answer.has("transfer-encoding")).isFalse();
        assertThat(answer.all("etag")).containsExactly("\"x\"");
      }
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void interimAnswersArePassedOn() {
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.send(
                  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
              conversation.answer("body");
              conversation.readToEnd();
            })) {
      f.client.send(get("/"));
      HttpHead hints = f.client.readHead();
      assertThat(hints.status()).as("100 was not asked for").isEqualTo(103);
      assertThat(hints.all("link")).containsExactly("</a>");
      HttpHead answer = f.client.readHead();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(f.client.readBody(answer)).isEqualTo("body");
    }
  }

  @Test
  void anExpectedContinueComesFromTheUpstream() {
    try (Fixture f =
        with(
            conversation -> {
              HttpHead head = conversation.readRequest();
              assertThat(head.all("expect")).containsExactly("100-continue");
              conversation.send("HTTP/1.1 100 Continue\r\n\r\n");
              conversation.answer(conversation.readBody(head));
              conversation.lastAnswer(conversation.readRequest().target());
            })) {
      f.client.send(POST + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(f.client.readHead().status()).isEqualTo(100);
      f.client.send("hello" + get("/next"));
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("hello");
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("/next");
    }
  }

  @Test
  void aRefusedExpectationEndsTheConnection() {
    assumeTrue(wire.isHttp1(), "there it is the stream");
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
              conversation.readToEnd();
            })) {
      f.client.send(POST + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      HttpHead answer = f.client.readHead();
      assertThat(answer.status()).isEqualTo(417);
      assertThat(answer.all("connection")).containsExactly("close");
      assertThat(f.client.readBody(answer)).isEqualTo("no");
      // What might be the body, or a next request, is neither.
      f.client.send(get("/smuggled"));
      assertThat(f.client.readToEnd()).isEmpty();
      await().until(() -> f.upstream.open() == 0);
    }
  }

  @Test
  void anUnknownExpectationGets417() {
    try (Fixture f = with(RawUpstream.answering("x"))) {
      f.client.send(POST + "Expect: magic\r\nContent-Length: 0\r\n\r\n");
      assertThat(f.client.readHead().status()).isEqualTo(417);
      assertThat(f.upstream.gotRequest()).isFalse();
    }
  }

  @Test
  void chunkedBodiesPassBothWaysAndTrailersToTheClient() {
    try (Fixture f =
        with(
            conversation -> {
              HttpHead head = conversation.readRequest();
              assertThat(head.all("transfer-encoding")).containsExactly("chunked");
              Chunked body = conversation.readChunks();
              conversation.send(
                  "HTTP/1.1 200 OK\r\n"
                      + "Transfer-Encoding: chunked\r\n"
                      + "Trailer: X-T\r\n\r\n"
                      + "2\r\n"
                      + "<<\r\n");
              conversation.send(
                  Integer.toHexString(body.body().length()) + "\r\n" + body.body() + "\r\n");
              conversation.send("0\r\nX-T: <" + body.trailers().strip() + ">\r\n\r\n");
              conversation.lastAnswer(conversation.readRequest().target());
            })) {
      f.client.send(
          POST
              + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n"
              + "X-Sum: 1\r\nX-Real-IP: 6.6.6.6\r\nContent-Length: 3\r\n\r\n"
              + get("/next"));
      HttpHead answer = f.client.readHead();
      Chunked body = f.client.readChunks();
      assertThat(answer.all("transfer-encoding")).containsExactly("chunked");
      assertThat(body.body()).isEqualTo("<<hello world");
      assertThat(body.trailers()).isEqualToIgnoringCase("X-T: <>\n");
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("/next");
      assertThat(f.upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aBodyThatEndsWithTheConnectionIsChunkedForTheClient() {
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.send("HTTP/1.1 200 OK\r\n\r\nto the end");
            })) {
      f.client.send(get("/1") + get("/2"));
      for (int i = 0; i < 2; i++) {
        HttpHead answer = f.client.readHead();
        assertThat(answer.all("transfer-encoding")).containsExactly("chunked");
        assertThat(f.client.readBody(answer)).isEqualTo("to the end");
      }
      assertThat(f.upstream.accepted()).isEqualTo(2);
    }
  }

  @Test
  void http10ClientsGetWhatTheyKnow() {
    assumeTrue(wire.isHttp1());
    try (Fixture f =
        with(
            conversation -> {
              HttpHead head = conversation.readRequest();
              assertThat(head.start()).endsWith("HTTP/1.1");
              conversation.send(
                  "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + "5\r\nhello\r\n0\r\n\r\n");
              conversation.readToEnd();
            })) {
      f.client.send("GET / HTTP/1.0\r\nHost: chat.example.com\r\nConnection: keep-alive\r\n\r\n");
      HttpHead answer = f.client.readHead();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.has("transfer-encoding")).isFalse();
      assertThat(answer.all("connection")).containsExactly("close");
      assertThat(f.client.readToEnd()).isEqualTo("hello");
    }
  }

  @Test
  void http10KeepAliveIsByRequestOnly() {
    assumeTrue(wire.isHttp1());
    try (Fixture f = with(RawUpstream.answering("body"))) {
      String request = "GET / HTTP/1.0\r\nHost: chat.example.com\r\n";
      f.client.send(request + "Connection: Keep-Alive\r\n\r\n");
      HttpHead first = f.client.readHead();
      assertThat(first.all("connection")).containsExactly("keep-alive");
      f.client.readBody(first);
      f.client.send(request + "\r\n");
      assertThat(f.client.readHead().all("connection")).containsExactly("close");
      assertThat(f.client.readToEnd()).isEqualTo("body");
    }
  }

  @Test
  void connectionCloseIsHonoured() {
    try (Fixture f = with(RawUpstream.answering("body"))) {
      f.client.send(get("/", "Connection: close\r\n") + get("/ignored"));
      HttpHead answer = f.client.readHead();
      assertThat(answer.all("connection")).containsExactly("close");
      assertThat(f.client.readToEnd()).isEqualTo("body");
    }
  }

  @Test
  void anAnswerBeforeTheEndOfTheRequestIsPassedOn() {
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.read(5);
              conversation.send("HTTP/1.1 403 Enough\r\nContent-Length: 4\r\n\r\nstop");
              conversation.readToEnd();
            })) {
      f.client.send(POST + "Content-Length: 1000000\r\n\r\nhello");
      HttpHead answer = f.client.readHead();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.all("connection")).containsExactly("close");
      assertThat(f.client.readBody(answer)).isEqualTo("stop");
      await().until(() -> f.upstream.open() == 0);
    }
  }

  @Test
  void largeBodiesStreamBothWaysWithBackPressure() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    try (Fixture f =
        with(
            conversation -> {
              HttpHead head = conversation.readRequest();
              read.await();
              int size = conversation.readBody(head).length();
              conversation.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
              conversation.send(new byte[size]);
              conversation.readToEnd();
            })) {
      f.client.send(POST + CHUNKED);
      Flood flood = Flood.start(f.client, CHUNK, LAST_CHUNK);
      f.upstream.request();
      flood.awaitStandstill();
      flood.stop();
      read.countDown();
      HttpHead answer = f.client.readHead();
      assertThat(f.client.readBody(answer)).hasSize(flood.sent() * CHUNK_SIZE);
    }
  }

  @Test
  void aSlowReaderHoldsBackTheUpstream() throws Exception {
    CompletableFuture<Flood> started = new CompletableFuture<>();
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.send("HTTP/1.1 200 OK\r\n" + CHUNKED);
              started.complete(Flood.start(conversation, CHUNK, LAST_CHUNK));
              conversation.readToEnd();
            })) {
      f.client.send(get("/"));
      HttpHead answer = f.client.readHead();
      Flood flood = started.get(60, TimeUnit.SECONDS);
      flood.awaitStandstill();
      flood.stop();
      assertThat(f.client.readBody(answer)).hasSize(flood.sent() * CHUNK_SIZE);
    }
  }

  @Test
  void aClientThatLeavesCancelsItsRequest() throws Exception {
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.readToEnd();
            })) {
      f.client.send(get("/"));
      f.upstream.request();
      f.client.reset();
      await().until(() -> f.upstream.open() == 0);
    }
  }

  @Test
  void aClientThatEndsItsStreamBehindARequestIsAnswered() throws Exception {
    assumeTrue(wire == Wire.PLAIN, "the end of a TLS stream ends both directions");
    CountDownLatch answer = new CountDownLatch(1);
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              answer.await();
              conversation.answer("first");
              conversation.readRequest();
              conversation.lastAnswer("second");
            })) {
      f.client.send(get("/1") + get("/2") + "GET /none HT");
      f.upstream.request();
      f.client.shutdownOutput();
      // What is cut short behind a complete request is nobody's.
      assertThat(f.client.isSilentFor(200)).isTrue();
      answer.countDown();
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("first");
      assertThat(f.client.readBody(f.client.readHead())).isEqualTo("second");
      assertThat(f.client.readToEnd()).isEmpty();
    }
  }

  @Test
  void answersOfOurOwnReachAClientThatHasEndedItsStream() {
    assumeTrue(wire == Wire.PLAIN, "the end of a TLS stream ends both directions");
    try (TestProxy proxy = TestProxy.start(new TestRoutes());
        RawClient client = proxy.connect(wire)) {
      client.send(get("/1") + get("/2"));
      client.shutdownOutput();
      for (int i = 0; i < 2; i++) {
        HttpHead head = client.readHead();
        assertThat(head.status()).isEqualTo(404);
        client.readBody(head);
      }
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aResetBehindTheEndOfTheStreamCancels() throws Exception {
    assumeTrue(wire == Wire.PLAIN, "the end of a TLS stream ends both directions");
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.readToEnd();
            })) {
      f.client.send(get("/"));
      f.client.shutdownOutput();
      f.upstream.request();
      assertThat(f.client.isSilentFor(100)).isTrue();
      f.client.reset();
      await().until(() -> f.upstream.open() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 300_000})
  void aClientThatEndsItsStreamBehindABodyIsAnswered(int length) throws Exception {
    assumeTrue(wire == Wire.PLAIN, "the end of a TLS stream ends both directions");
    try (Fixture f =
        with(
            conversation -> {
              HttpHead head = conversation.readRequest();
              conversation.lastAnswer(Integer.toString(conversation.readBody(head).length()));
            })) {
      // Now and then the end is there before the upstream has taken the body.
      for (int i = 0; i < 10; i++) {
        try (RawClient client = f.proxy.connect(wire)) {
          client.send(POST + "Content-Length: " + length + "\r\n\r\n" + "x".repeat(length));
          client.shutdownOutput();
          assertThat(client.readBody(client.readHead())).isEqualTo(Integer.toString(length));
          assertThat(client.readToEnd()).isEmpty();
        }
      }
    }
  }

  @Test
  void aBodyThatEndsTooEarlyCancels() throws Exception {
    try (Fixture f =
        with(
            conversation -> {
              conversation.readRequest();
              conversation.readToEnd();
            })) {
      f.client.send(POST + "Content-Length: 10\r\n\r\n12345");
      f.upstream.request();
      f.client.shutdownOutput();
      await().until(() -> f.upstream.open() == 0);
      assertThat(f.client.readToEnd()).isEmpty();
    }
  }
}
