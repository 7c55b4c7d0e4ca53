package dev.longshore.proxy.http2;

import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings.Http2;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Answer;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests by HTTP/2, over real sockets. */
@Timeout(60)
class Http2RequestTest {
  static TestProxy proxy(RawUpstream upstream) {
    return TestProxy.start(routes(upstream));
  }

  static TestRoutes routes(RawUpstream upstream) {
    return new TestRoutes()
        .settings(new TestSettings().http2(new Http2(true, true, 10)).build())
        .all()
        .to(upstream.address());
  }

  private static Http2Client connect(TestProxy proxy, boolean tls) {
    return tls ? Http2Client.secured(proxy) : Http2Client.clear(proxy);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRequestIsAnswered(boolean tls) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = proxy(upstream);
        Http2Client client = connect(proxy, tls)) {
      client.get(1, "/a?b=c", "x-one", "1", "cookie", "a=1", "cookie", "b=2", "te", "trailers");
      Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
      assertThat(answer.fields())
          .containsEntry("content-length", "5")
          .doesNotContainKey("connection");
      HttpHead request = upstream.request();
      assertThat(request.start()).isEqualTo("GET /a?b=c HTTP/1.1");
      assertThat(request.first("host")).isEqualTo("chat.example.com");
      assertThat(request.all("cookie")).containsExactly("a=1; b=2");
      assertThat(request.first("x-one")).isEqualTo("1");
      assertThat(request.first("x-forwarded-proto")).isEqualTo(tls ? "https" : "http");
      assertThat(request.has("te")).isFalse();
      await().until(() -> proxy.accessLog().contains("\"protocol\":\"HTTP/2\""));
    }
  }

  @Test
  void manyStreamsShareAConnection() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      for (int i = 0; i < 300; i += 10) {
        for (int j = 0; j < 10; j++) {
          client.get(1 + 2 * (i + j), "/" + (i + j));
        }
        for (int j = 9; j >= 0; j--) {
          assertThat(client.answer(1 + 2 * (i + j)).body()).isEqualTo("hello");
        }
      }
    }
  }

  @Test
  void bodiesGoBothWaysWithinTheirWindows() throws Exception {
    String large = "x".repeat(300_000);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  HttpHead head = conversation.readRequest();
                  conversation.lastAnswer(conversation.readBody(head));
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.post(1, "/");
      int window = 65_535;
      for (int at = 0; at < large.length(); ) {
        int size = Math.min(Math.min(16_384, window), large.length() - at);
        if (size > 0) {
          client.data(1, large.substring(at, at + size), at + size == large.length());
          at += size;
          window -= size;
        } else {
          Frame update = client.read();
          if (update != null
              && update.type() == Http2Client.WINDOW_UPDATE
              && update.stream() == 1) {
            window += (int) update.number(0);
          }
        }
      }
      Answer answer = client.answer(1);
      assertThat(answer.body()).isEqualTo(large);
      assertThat(upstream.request().all("transfer-encoding")).containsExactly("chunked");
    }
  }

  @Test
  void whoReadsNothingHoldsUpOnlyItself() throws Exception {
    String large = "x".repeat(1_000_000);
    try (RawUpstream upstream = RawUpstream.answering(large);
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.frame(Http2Client.WINDOW_UPDATE, 0, 0, Http2Client.number(100_000_000));
      client.get(1, "/large");
      int got = 0;
      while (got < 65_535) {
        got += client.next(1).payload().length();
      }
      for (int stream = 3; stream < 15; stream += 2) {
        client.get(stream, "/large");
        assertThat(client.answer(stream).body()).hasSize(large.length());
      }
      client.frame(Http2Client.WINDOW_UPDATE, 0, 1, Http2Client.number(100_000_000));
      Frame frame = client.next(1);
      while (!frame.last()) {
        got += frame.payload().length();
        frame = client.next(1);
      }
      assertThat(got + frame.payload().length()).isGreaterThanOrEqualTo(large.length());
    }
  }

  @Test
  void trailersOfAnAnswerArePassedOn() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                          + "3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n");
                  conversation.readToEnd();
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.get(1, "/");
      Answer answer = client.answer(1);
      assertThat(answer.body()).isEqualTo("abc");
      assertThat(answer.fields()).doesNotContainKey("transfer-encoding");
      assertThat(answer.trailers()).containsEntry("x-sum", "7");
    }
  }

  @Test
  void aRequestMayEndWithTrailers() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.post(1, "/").data(1, "abc", false).headers(1, true, "x-sum", "7");
      assertThat(client.answer(1).body()).isEqualTo("hello");
    }
  }

  @Test
  void aClientThatResetsAStreamCancelsItsRequest() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.readToEnd();
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.get(1, "/");
      upstream.request();
      client.reset(1, 8);
      await().until(() -> upstream.open() == 0);
      await().until(() -> proxy.accessLog().contains("\"status\":0"));
      assertThat(client.get(3, "/no").connection()).isNotNull();
    }
  }

  @Test
  void anAnswerThatBreaksOffResetsItsStream() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.get(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      Frame frame = client.next(1);
      while (frame.type() == DATA) {
        frame = client.next(1);
      }
      assertThat(frame.type()).isEqualTo(RST_STREAM);
      assertThat(frame.number(0)).isEqualTo(Http2Error.INTERNAL_ERROR.code());
      client.get(3, "/again");
      assertThat(client.next(3).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, nobody.example.com, /",
    "400, 'chat.example.com:x', /",
    "400, chat.example.com, '/a b'",
    "400, chat.example.com, '/a#b'",
    "400, 'a@chat.example.com', /"
  })
  void whatIsRefusedIsToldByAnAnswer(int status, String authority, String path) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.clear(proxy)) {
      client.headers(
          1,
          true,
          ":method",
          "GET",
          ":scheme",
          "http",
          ":authority",
          authority,
          ":path",
          path,
          "accept",
          "application/json");
      Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body()).contains("\"status\":" + status);
      assertThat(answer.fields()).containsKey("x-request-id").doesNotContainKey("connection");
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void whoIsAnsweredBeforeItsBodyIsOverIsToldToStop() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.clear(proxy)) {
      client.headers(
          1,
          false,
          ":method",
          "POST",
          ":scheme",
          "http",
          ":authority",
          "other.example.com",
          ":path",
          "/");
      assertThat(client.answer(1).status()).isEqualTo(404);
      Frame reset = client.next(1);
      assertThat(reset.type()).isEqualTo(RST_STREAM);
      assertThat(reset.number(0)).isEqualTo(Http2Error.NO_ERROR.code());
    }
  }

  @Test
  void withoutTheSettingNobodySpeaksIt() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().http2(null).build())
                    .all()
                    .to(upstream.address()));
        Http2Client client = Http2Client.clear(proxy).silent()) {
      assertThat(client.connection().readHead().status()).isEqualTo(400);
      assertThatThrownBy(() -> Http2Client.secured(proxy)).isInstanceOf(RuntimeException.class);
    }
  }
}
