package dev.longshore.proxy.dial.http2;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Frame;
import dev.longshore.proxy.testing.Http2Upstream.Request;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an endpoint says that it has not begun is sent again, and nothing else. */
class GoAwayTest {
  private static final String POST = "POST /p HTTP/1.1\r\nHost: chat.example.com\r\n";

  private static TestProxy proxy(Http2Upstream upstream) {
    return TestProxy.start(
        new TestRoutes()
            .all()
            .keepalive(8)
            .pool(pool -> pool.with(Protocol.HTTP_2))
            .to(upstream.address()));
  }

  /** Does that to the first connection, and echoes on all others. */
  private static Http2Upstream first(Script script) {
    return Http2Upstream.start(
        peer -> {
          if (peer.number() == 1) {
            script.play(peer);
          } else {
            Http2Upstream.ECHO.play(peer);
          }
        });
  }

  private static String answer(RawClient client, String request) {
    client.send(request);
    var head = client.readHead();
    assertThat(head.status()).isEqualTo(200);
    return client.readChunks().body();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestsWithBodiesAreSentAgain(boolean goesAway) {
    try (Http2Upstream upstream =
            first(
                peer -> {
                  Request request = peer.readRequest();
                  if (goesAway) {
                    peer.goAway(0, 0);
                  } else {
                    peer.reset(request.id(), Http2Upstream.REFUSED_STREAM);
                    Http2Upstream.ECHO.play(peer);
                  }
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(answer(client, POST + "Content-Length: 5\r\n\r\nhello")).isEqualTo("/p hello");
      assertThat(proxy.metric("longshore_upstream_http2_streams_ended_total{reason=\"not_begun\"}"))
          .isEqualTo(1);
    }
  }

  @Test
  void aBodyOfWhichAPartIsStillToComeIsSentAgain() {
    try (Http2Upstream upstream =
            first(
                peer -> {
                  peer.next(Http2Upstream.DATA);
                  peer.goAway(0, 0);
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(POST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      while (upstream.accepted() < 2) {
        Thread.onSpinWait();
      }
      assertThat(answer(client, "3\r\ndef\r\n0\r\n\r\n")).isEqualTo("/p abcdef");
    }
  }

  @Test
  void whatIsBelowTheLastStreamGoesOn() {
    try (Http2Upstream upstream =
            first(
                peer -> {
                  Request request = peer.readRequest();
                  peer.goAway(request.id(), 0);
                  // A second one, lower bounds only (RFC 9113 §6.8).
                  peer.goAway(request.id(), 0);
                  peer.headers(request.id(), false, ":status", "200");
                  peer.data(request.id(), "old", true);
                  assertThat(peer.next().type()).isEqualTo(Http2Upstream.GOAWAY);
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(answer(client, get("/1"))).isEqualTo("old");
      assertThat(answer(client, get("/2"))).isEqualTo("/2 ");
      assertThat(upstream.accepted()).isEqualTo(2);
    }
  }

  @Test
  void anEndpointThatBeginsNothingIsNotAskedForEver() {
    AtomicInteger asked = new AtomicInteger();
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  while (true) {
                    Request request = peer.readRequest();
                    asked.incrementAndGet();
                    peer.reset(request.id(), Http2Upstream.REFUSED_STREAM);
                  }
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(get("/")).readHead().status()).isEqualTo(502);
      assertThat(asked).hasValue(4);
    }
  }

  @Test
  void aPostThatMayHaveBegunIsNotSentAgain() {
    try (Http2Upstream upstream =
            first(
                peer -> {
                  peer.readRequest();
                  peer.cut();
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(POST + "Content-Length: 1\r\n\r\nx").readHead().status())
          .isEqualTo(502);
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  /** Every tenth request goes away instead, and so does what is on its way behind it. */
  @Test
  void noRequestIsLostUnderLoad() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  int last = 0;
                  for (int i = 0; i < 10; i++) {
                    Request request = peer.readRequest();
                    last = request.id();
                    peer.headers(last, false, ":status", "200");
                    peer.data(last, request.field(":path") + " " + request.body(), true);
                  }
                  Frame refused = peer.next(Http2Upstream.HEADERS);
                  assertThat(refused.id()).isGreaterThan(last);
                  peer.goAway(last, 0);
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream)) {
      List<Thread> threads = new ArrayList<>();
      AtomicInteger good = new AtomicInteger();
      for (int c = 0; c < 16; c++) {
        String name = "c" + c;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try (RawClient client = proxy.connect(Wire.PLAIN)) {
                        for (int i = 0; i < 50; i++) {
                          String body = name + "-" + i;
                          String request =
                              POST + "Content-Length: " + body.length() + "\r\n\r\n" + body;
                          assertThat(answer(client, request)).isEqualTo("/p " + body);
                          good.incrementAndGet();
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(good).hasValue(800);
      assertThat(upstream.accepted()).isGreaterThan(20);
    }
  }
}
