package dev.longshore.proxy.http2;

import static dev.longshore.proxy.testing.Http2Client.ACK;
import static dev.longshore.proxy.testing.Http2Client.CONTINUATION;
import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.END_HEADERS;
import static dev.longshore.proxy.testing.Http2Client.END_STREAM;
import static dev.longshore.proxy.testing.Http2Client.GOAWAY;
import static dev.longshore.proxy.testing.Http2Client.HEADERS;
import static dev.longshore.proxy.testing.Http2Client.PING;
import static dev.longshore.proxy.testing.Http2Client.PRIORITY;
import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static dev.longshore.proxy.testing.Http2Client.SETTINGS;
import static dev.longshore.proxy.testing.Http2Client.WINDOW_UPDATE;
import static dev.longshore.proxy.testing.Http2Client.number;
import static dev.longshore.proxy.testing.Http2Client.setting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that break the rules of HTTP/2, or keep to them and cost too much: each is told so by the
 * right code and counted, and another client notices nothing.
 */
@Timeout(60)
class HostileHttp2Test {
  private static final int PADDED = 8;

  private RawUpstream upstream;
  private TestProxy proxy;

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("hello");
    proxy = TestProxy.start(Http2RequestTest.routes(upstream));
  }

  @AfterEach
  void othersAreServed() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.get(1, "/");
      assertThat(client.answer(1).body()).isEqualTo("hello");
    } finally {
      proxy.close();
      upstream.close();
    }
  }

  /** What is sent until the connection is ended; by then the client has been told why. */
  private void flood(Http2Error code, int most, BiConsumer<Http2Client, Integer> frame) {
    try (Http2Client client = Http2Client.clear(proxy)) {
      try {
        for (int i = 0; i < most; i++) {
          frame.accept(client, i);
        }
      } catch (UncheckedIOException e) {
        // It has been ended.
      }
      assertEnded(client, code);
    }
  }

  private void assertEnded(Http2Client client, Http2Error code) {
    Frame goAway = null;
    for (Frame next = client.read(); next != null; next = client.read()) {
      goAway = next.type() == GOAWAY ? next : goAway;
    }
    // A reset may overtake it.
    if (goAway != null) {
      assertThat(goAway.number(4)).isEqualTo(code.code());
    }
    await()
        .untilAsserted(
            () ->
                assertThat(
                        proxy.metric(
                            "longshore_http2_errors_total{code=\""
                                + code.name().toLowerCase(java.util.Locale.ROOT)
                                + "\",scope=\"connection\"}"))
                    .isEqualTo(1));
  }

  private static void assertReset(Http2Client client, int stream, Http2Error code) {
    Frame frame = client.next(stream);
    while (frame.type() != RST_STREAM) {
      frame = client.next(stream);
    }
    assertThat(frame.number(0)).isEqualTo(code.code());
  }

  // ---- floods

  /** CVE-2023-44487. */
  @Test
  void rapidReset() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        2_000,
        (client, i) -> client.get(1 + 2 * i, "/").reset(1 + 2 * i, 8));
    assertThat(upstream.accepted()).isLessThan(300);
  }

  /** CVE-2025-55163: the server is made to reset, so that the client need not. */
  @Test
  void madeYouReset() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        2_000,
        (client, i) -> client.get(1 + 2 * i, "/").frame(WINDOW_UPDATE, 0, 1 + 2 * i, number(0)));
  }

  @Test
  void madeYouResetByALengthThatLies() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        2_000,
        (client, i) ->
            client.post(1 + 2 * i, "/", "content-length", "1").data(1 + 2 * i, "abc", false));
  }

  /** Each of the ways that the CVE names to have a server reset what it is at. */
  static Stream<Arguments> waysToBeReset() {
    return Stream.of(
        Arguments.of("a window that overflows", WINDOW_UPDATE, number(0x7fff_ffff)),
        Arguments.of("a priority of four bytes", PRIORITY, number(0)),
        Arguments.of("data behind the end", DATA, "x"),
        Arguments.of("a head behind the end", HEADERS, null));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("waysToBeReset")
  void madeYouResetByWhateverIsWrong(String name, int type, @Nullable String payload) {
    try (RawUpstream silent =
        RawUpstream.start(
            conversation -> {
              conversation.readRequest();
              conversation.readToEnd();
            })) {
      proxy.apply(Http2RequestTest.routes(silent));
      try (Http2Client client = Http2Client.clear(proxy)) {
        try {
          for (int i = 0; i < 2_000; i++) {
            int stream = 1 + 2 * i;
            client.get(stream, "/");
            String wrong = payload == null ? client.block("x", "y") : payload;
            client.frame(type, type == HEADERS ? END_HEADERS : 0, stream, wrong);
          }
        } catch (UncheckedIOException e) {
          // It has been ended.
        }
        assertEnded(client, Http2Error.ENHANCE_YOUR_CALM);
      }
      // What it had begun is not left running.
      await().until(() -> silent.open() == 0);
      assertThat(silent.accepted()).isLessThan(300);
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  /** A frame that depends on itself, which is an error of its stream (RFC 7540 §5.3.1). */
  @Test
  void prioritiesThatDependOnThemselves() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> {
          int stream = 1 + 2 * (i % 1_000);
          client.frame(PRIORITY, 0, stream, number(stream) + "\u0010");
        });
  }

  @Test
  void malformedRequestsByTheHundred() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        2_000,
        (client, i) -> client.get(1 + 2 * i, "/", "connection", "close"));
  }

  @Test
  void pings() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM, 20_000, (client, i) -> client.frame(PING, 0, 0, "12345678"));
  }

  @Test
  void settings() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> client.frame(SETTINGS, 0, 0, setting(4, 1000 + i % 2)));
  }

  @Test
  void priorities() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> client.frame(PRIORITY, 0, 1 + 2 * (i % 1000), number(0) + "\u0010"));
  }

  @Test
  void windowUpdates() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> client.frame(WINDOW_UPDATE, 0, 0, number(1)));
  }

  @Test
  void unknownFrames() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM, 20_000, (client, i) -> client.frame(0xee, 0, 0, "whatever"));
  }

  /** Answers to what nobody asked, and farewells that are none. */
  @ParameterizedTest
  @CsvSource({"PING, 8", "SETTINGS, 0"})
  void acknowledgements(String type, int length) {
    int number = type.equals("PING") ? PING : SETTINGS;
    String payload = "x".repeat(length);
    flood(
        Http2Error.ENHANCE_YOUR_CALM, 20_000, (client, i) -> client.frame(number, ACK, 0, payload));
  }

  @Test
  void goAways() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> client.frame(GOAWAY, 0, 0, number(0) + number(0)));
  }

  /** Each would have us send one byte (CVE-2019-9511). */
  @Test
  void windowsInCrumbs() {
    String large = "x".repeat(100_000);
    try (RawUpstream generous = RawUpstream.answering(large)) {
      proxy.apply(Http2RequestTest.routes(generous));
      flood(
          Http2Error.ENHANCE_YOUR_CALM,
          20_000,
          (client, i) -> {
            if (i == 0) {
              client.frame(SETTINGS, 0, 0, setting(4, 0)).get(1, "/");
            }
            client.frame(WINDOW_UPDATE, 0, 1, number(1));
          });
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  /** They may be asked for, as long as the answers are taken (CVE-2019-9512). */
  @Test
  void pingsWhoseAnswersNobodyReads() {
    StringBuilder batch = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      batch.append(new String(Http2Client.bytes(DATA, 0, 1, "x"), StandardCharsets.ISO_8859_1));
      String ping =
          new String(Http2Client.bytes(PING, 0, 0, "12345678"), StandardCharsets.ISO_8859_1);
      batch.append(ping.repeat(4));
    }
    // What isn't read of it fills the buffers of the sockets, which would take megabytes of PINGs.
    String piece = "x".repeat(64_000);
    AtomicInteger pieces = new AtomicInteger();
    try (RawUpstream taking =
        RawUpstream.start(
            conversation -> {
              conversation.readRequest();
              try {
                conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n");
                while (pieces.incrementAndGet() <= 1_000) {
                  conversation.send(piece);
                }
              } catch (UncheckedIOException e) {
                // Its client was ended before it had all.
              }
            })) {
      proxy.apply(Http2RequestTest.routes(taking));
      try (Http2Client client = Http2Client.over(proxy.connectNarrow(Wire.PLAIN))) {
        client.post(1, "/").allow(1, 100_000_000);
        AtomicInteger before = new AtomicInteger();
        // Too early does no harm but that more of them are sent.
        await()
            .pollInterval(Duration.ofMillis(300))
            .until(() -> pieces.get() > 0 && before.getAndSet(pieces.get()) == pieces.get());
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    client.connection().send(batch.toString());
                  }
                })
            .isInstanceOf(UncheckedIOException.class);
      }
      proxy.apply(Http2RequestTest.routes(upstream));
    }
    assertThat(
            proxy.metric(
                "longshore_http2_errors_total{code=\"enhance_your_calm\",scope=\"connection\"}"))
        .isEqualTo(1);
  }

  /** Netty's decoder drops them, so whoever listens behind it hears of none. */
  @Test
  void resetsOfAStreamThatHasEnded() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> {
          if (i == 0) {
            client.get(1, "/").answer(1);
          }
          client.reset(1, 8);
        });
  }

  @Test
  void windowsOfAStreamThatHasEnded() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        20_000,
        (client, i) -> {
          if (i == 0) {
            client.get(1, "/").answer(1);
          }
          client.frame(WINDOW_UPDATE, 0, 1, number(1));
        });
  }

  /** CVE-2019-9518. */
  @Test
  void emptyData() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        1_000,
        (client, i) -> {
          if (i == 0) {
            client.post(1, "/");
          }
          client.data(1, "", false);
        });
  }

  /** Full of padding, they are as empty. */
  @Test
  void paddedEmptyData() {
    String padding = "\u0020" + "\0".repeat(32);
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        1_000,
        (client, i) -> {
          if (i == 0) {
            client.post(1, "/");
          }
          client.frame(DATA, PADDED, 1, padding);
        });
  }

  /** A tunnel ends with its connection like any other stream. */
  @Test
  void emptyDataInATunnel() {
    try (RawUpstream echoing = RawUpstream.echoing()) {
      proxy.apply(Http2RequestTest.routes(echoing));
      flood(
          Http2Error.ENHANCE_YOUR_CALM,
          1_000,
          (client, i) -> {
            if (i == 0) {
              client.webSocket(1, "/ws");
              assertThat(client.next(1).status()).isEqualTo(200);
            }
            client.data(1, "", false);
          });
      await().until(() -> proxy.metric("longshore_tunnels_open") == 0);
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  /** Costs what its bytes cost, and is no flood: the frames that move something may be small. */
  @Test
  void dataInCrumbsArrives() throws Exception {
    try (RawUpstream counting =
        RawUpstream.start(
            conversation ->
                conversation.lastAnswer(conversation.readBody(conversation.readRequest())))) {
      proxy.apply(Http2RequestTest.routes(counting));
      try (Http2Client client = Http2Client.clear(proxy)) {
        String body = "0123456789".repeat(500);
        client.post(1, "/", "content-length", String.valueOf(body.length()));
        for (int i = 0; i < body.length(); i++) {
          client.data(1, body.substring(i, i + 1), i == body.length() - 1);
        }
        assertThat(client.answer(1).body()).isEqualTo(body);
      }
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  /** CVE-2024-27316 and its kind: small ones, and a list that never ends. */
  @Test
  void continuations() {
    flood(
        Http2Error.ENHANCE_YOUR_CALM,
        10_000,
        (client, i) -> {
          if (i == 0) {
            client.frame(HEADERS, END_STREAM, 1, client.block(":method", "GET"));
          }
          client.frame(CONTINUATION, 0, 1, i % 2 == 0 ? "" : "\u0082");
        });
  }

  @Test
  void largeContinuations() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.frame(HEADERS, END_STREAM, 1, client.block(":method", "GET"));
      try {
        for (int i = 0; i < 1_000; i++) {
          client.frame(CONTINUATION, 0, 1, "\u0040\u0001a\u007f\u0081\u007f" + "b".repeat(16_000));
        }
      } catch (UncheckedIOException e) {
        // It has been ended.
      }
      @Nullable Frame last = null;
      for (Frame next = client.read(); next != null; next = client.read()) {
        last = next.type() == GOAWAY ? next : last;
      }
      if (last != null) {
        assertThat(last.number(4)).isNotEqualTo(Http2Error.NO_ERROR.code());
      }
    }
    await()
        .untilAsserted(
            () ->
                assertThat(proxy.page("/metrics"))
                    .containsPattern(
                        "longshore_http2_errors_total\\{code=\"\\w+\",scope=\"connection\"\\} 1"));
  }

  // ---- HPACK

  /** A field of 4,000 bytes in the table, and then a byte for each time that it is meant. */
  @Test
  void hpackBomb() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      String value = "\u007f\u00a1\u001e" + "x".repeat(4_000);
      String head =
          client.block(
              ":method", "GET", ":scheme", "http", ":authority", "chat.example.com", ":path", "/");
      String bomb = head + "\u0040\u0001a" + value + "\u00be".repeat(10_000);
      client.frame(HEADERS, END_STREAM | END_HEADERS, 1, bomb);
      assertThat(client.answer(1).status()).isEqualTo(431);
    }
    await().until(() -> proxy.accessLog().contains("\"status\":431"));
    assertThat(upstream.gotRequest()).isFalse();
  }

  @Test
  void headersThatAreTooLarge() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.get(1, "/", "x", "y".repeat(33_000));
      assertThat(client.answer(1).status()).isEqualTo(431);
      client.get(3, "/" + "y".repeat(9_000));
      assertThat(client.answer(3).status()).isEqualTo(414);
      String[] many = new String[220];
      for (int i = 0; i < many.length; i += 2) {
        many[i] = "x" + i;
        many[i + 1] = "y";
      }
      client.get(5, "/", many);
      assertThat(client.answer(5).status()).isEqualTo(431);
      client.get(7, "/");
      assertThat(client.answer(7).body()).isEqualTo("hello");
    }
  }

  /** What Netty refuses is told to the log all the same. */
  @Test
  void aLengthOfNoBodyIsLogged() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.get(1, "/", "content-length", "5");
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
    }
    await().until(() -> proxy.accessLog().contains("\"status\":400"));
    assertThat(proxy.accessLog()).contains("\"protocol\":\"HTTP/2\"", "\"reason\":\"framing\"");
  }

  @Test
  void trailersThatAreTooLarge() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.post(1, "/").headers(1, true, "x", "y".repeat(45_000));
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
    }
  }

  /** A length that a client would like is no reason to leave it without an answer. */
  @Test
  void aClientThatWantsNoFieldsIsAnsweredAllTheSame() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.frame(SETTINGS, 0, 0, setting(6, 1));
      client.get(1, "/");
      assertThat(client.answer(1).body()).isEqualTo("hello");
    }
  }

  /** What would be another line, or another request, of HTTP/1.1. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x|a\r\nhost: evil.example.com",
        "x|a\nb",
        "x|a\rb",
        "x|a\0b",
        "x|\u007f",
        "x| a",
        "x|a\t",
        "X|a",
        "x y|a",
        "x:|a",
        "x\r\ny|a",
        "|a",
        "connection|close",
        "transfer-encoding|chunked",
        "upgrade|h2c",
        "keep-alive|5",
        "proxy-connection|close",
        "te|gzip",
        "host|other.example.com",
        "content-length|5\r\nx: y",
        ":path|/other",
        ":status|200",
        ":x|y"
      })
  void fieldsThatWouldBeMoreInHttp1(String field) {
    int mark = field.indexOf('|');
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.get(1, "/", field.substring(0, mark), field.substring(mark + 1));
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
    }
    assertThat(upstream.gotRequest()).isFalse();
    assertThat(
            proxy.metric("longshore_http2_errors_total{code=\"protocol_error\",scope=\"stream\"}"))
        .isEqualTo(1);
    await().until(() -> proxy.accessLog().contains("\"status\":400"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":method|GET /evil HTTP/1.1\r\nx: y",
        ":method|G T",
        ":method|",
        ":path|/ HTTP/1.1\r\nx: y",
        ":path|/\n",
        ":path|http://evil.example.com/",
        ":path|*",
        ":scheme|http\r\n",
        ":scheme|ftp",
        ":authority|chat.example.com\r\nx: y"
      })
  void pseudoHeaderFieldsThatWouldBeMoreInHttp1(String field) {
    int mark = field.indexOf('|');
    String[] head = {
      ":method", "GET", ":scheme", "http", ":authority", "chat.example.com", ":path", "/"
    };
    for (int i = 0; i < head.length; i += 2) {
      if (head[i].equals(field.substring(0, mark))) {
        head[i + 1] = field.substring(mark + 1);
      }
    }
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.headers(1, true, head);
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
    }
    assertThat(upstream.gotRequest()).isFalse();
  }

  /** Our own answers would fill a table as large as the client says. */
  @Test
  void aLargeTableForAnswers() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.frame(SETTINGS, 0, 0, setting(1, 0x7fff_ffff));
      client.get(1, "/");
      assertThat(client.answer(1).body()).isEqualTo("hello");
    }
  }

  // ---- windows

  @Test
  void aWindowThatOverflows() {
    flood(
        Http2Error.FLOW_CONTROL_ERROR,
        2,
        (client, i) -> client.frame(WINDOW_UPDATE, 0, 0, number(0x7fff_ffff)));
  }

  @Test
  void aStreamsWindowThatOverflows() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.post(1, "/").frame(WINDOW_UPDATE, 0, 1, number(0x7fff_ffff));
      assertReset(client, 1, Http2Error.FLOW_CONTROL_ERROR);
    }
  }

  @Test
  void moreThanAWindowAllows() throws IOException {
    // It is asked for a connection and never says how many streams it takes, so nothing is passed
    // on.
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      proxy.apply(
          new TestRoutes()
              .settings(new TestSettings().http2(new Http2(true, true, 10)).build())
              .all()
              .pool(pool -> pool.with(Protocol.HTTP_2))
              .to((InetSocketAddress) silent.getLocalSocketAddress()));
      try (Http2Client client = Http2Client.clear(proxy)) {
        client.post(1, "/");
        for (int i = 0; i < 5; i++) {
          client.data(1, "x".repeat(16_384), false);
        }
        assertReset(client, 1, Http2Error.FLOW_CONTROL_ERROR);
      } finally {
        proxy.apply(Http2RequestTest.routes(upstream));
      }
    }
  }

  /** A stream that gets no window is given up, and its connection goes on. */
  @Test
  void noWindowAtAll() {
    proxy.apply(
        new TestRoutes()
            .settings(new TestSettings().http2(new Http2(true, true, 10)).build())
            .all()
            .policy(new TestPolicy().writeStall(Duration.ofMillis(500)).build())
            .to(upstream.address()));
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.frame(SETTINGS, 0, 0, setting(4, 0));
      client.get(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      assertReset(client, 1, Http2Error.CANCEL);
      assertThat(proxy.metric("longshore_http_stalled_total")).isEqualTo(1);
      client.frame(SETTINGS, 0, 0, setting(4, 65_535));
      client.get(3, "/");
      assertThat(client.answer(3).body()).isEqualTo("hello");
    }
  }

  // ---- streams

  @Test
  void moreStreamsThanAllowed() {
    try (RawUpstream silent =
        RawUpstream.start(
            conversation -> {
              conversation.readRequest();
              conversation.readToEnd();
            })) {
      proxy.apply(Http2RequestTest.routes(silent));
      try (Http2Client client = Http2Client.clear(proxy)) {
        for (int i = 0; i < 11; i++) {
          client.get(1 + 2 * i, "/");
        }
        assertReset(client, 21, Http2Error.REFUSED_STREAM);
      }
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  /** Which no client is to blame for. */
  @Test
  void answersThatBreakOffByTheHundred() {
    try (RawUpstream breaking =
        RawUpstream.start(
            conversation -> {
              conversation.readRequest();
              conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
            })) {
      proxy.apply(Http2RequestTest.routes(breaking));
      try (Http2Client client = Http2Client.clear(proxy)) {
        for (int i = 0; i < 250; i++) {
          client.get(1 + 2 * i, "/");
          assertReset(client, 1 + 2 * i, Http2Error.INTERNAL_ERROR);
        }
      }
      proxy.apply(Http2RequestTest.routes(upstream));
    }
  }

  @Test
  void aLengthThatLies() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.post(1, "/", "content-length", "3").data(1, "abcd", true);
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
      client.post(3, "/", "content-length", "3").data(3, "ab", true);
      assertReset(client, 3, Http2Error.PROTOCOL_ERROR);
      client.post(5, "/", "content-length", "0").data(5, "a", true);
      assertReset(client, 5, Http2Error.PROTOCOL_ERROR);
      client.post(7, "/", "content-length", "3").data(7, "abc", true);
      assertThat(client.answer(7).body()).isEqualTo("hello");
    }
  }

  @Test
  void trailersThatDontEndTheRequest() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.post(1, "/").headers(1, false, "x", "y");
      assertReset(client, 1, Http2Error.PROTOCOL_ERROR);
      client.post(3, "/").headers(3, true, ":path", "/other");
      assertReset(client, 3, Http2Error.PROTOCOL_ERROR);
    }
  }

  /** RFC 9113 §5.1: who has ended a stream sends no more heads on it. */
  @Test
  void aHeadBehindTheEnd() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.connection().send(twice(client));
      assertReset(client, 1, Http2Error.STREAM_CLOSED);
    }
  }

  private static byte[] twice(Http2Client client) {
    String block =
        client.block(
            ":method", "GET", ":scheme", "http", ":authority", "chat.example.com", ":path", "/");
    byte[] one = Http2Client.bytes(HEADERS, END_STREAM | END_HEADERS, 1, block);
    byte[] other = Http2Client.bytes(HEADERS, END_STREAM | END_HEADERS, 1, client.block("x", "y"));
    byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  @Test
  void aHeadOfAStreamThatHasEnded() {
    flood(
        Http2Error.STREAM_CLOSED,
        1,
        (client, i) -> {
          client.get(3, "/");
          assertThat(client.answer(3).status()).isEqualTo(200);
          client.get(3, "/");
        });
  }

  /** What was on its way when we reset its stream is nobody's fault. */
  @Test
  void whatComesBehindAResetOfOursIsDropped() {
    try (Http2Client client = Http2Client.clear(proxy)) {
      for (int stream = 1; stream < 600; stream += 2) {
        client.headers(
            stream,
            false,
            ":method",
            "POST",
            ":scheme",
            "http",
            ":authority",
            "other.example.com",
            ":path",
            "/");
        assertReset(client, stream, Http2Error.NO_ERROR);
        client.data(stream, "x".repeat(1_000), false).headers(stream, true, "x", "y");
      }
      client.get(601, "/");
      assertThat(client.answer(601).body()).isEqualTo("hello");
    }
  }

  @Test
  void dataOfNoStream() {
    flood(Http2Error.PROTOCOL_ERROR, 1, (client, i) -> client.frame(DATA, 0, 5, "abc"));
  }

  // ---- time

  /** Beside a stream that is open, and however it is crumbled. */
  @Test
  void aHeadThatIsNeverWhole() {
    proxy.apply(
        new TestRoutes()
            .settings(
                new TestSettings()
                    .http2(new Http2(true, true, 10))
                    .headWithin(Duration.ofMillis(300))
                    .build())
            .all()
            .to(upstream.address()));
    // An acknowledgement would be a frame in the middle of the list.
    try (Http2Client client = Http2Client.clear(proxy).silent()) {
      client.post(1, "/");
      client.frame(HEADERS, END_STREAM, 3, client.block(":method", "GET"));
      client.frame(CONTINUATION, 0, 3, "\u0086");
      Frame goAway = Objects.requireNonNull(client.nextOf(GOAWAY));
      assertThat(goAway.number(4)).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
      while (client.read() != null) {
        // It is closed behind that.
      }
    }
  }

  @Test
  void whoAsksNothingIsClosed() {
    proxy.apply(
        new TestRoutes()
            .settings(
                new TestSettings()
                    .http2(new Http2(true, true, 10))
                    .headWithin(Duration.ofMillis(300))
                    .build())
            .all()
            .to(upstream.address()));
    try (Http2Client client = Http2Client.clear(proxy)) {
      Frame goAway = client.nextOf(GOAWAY);
      assertThat(goAway).isNotNull();
      assertThat(client.next()).isNull();
    }
    try (Http2Client client = Http2Client.clear(proxy)) {
      client.frame(HEADERS, END_STREAM, 1, client.block(":method", "GET"));
      while (client.read() != null) {
        // A head that is never whole.
      }
    }
  }
}
