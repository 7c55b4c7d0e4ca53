package dev.longshore.proxy.http2;

import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.GOAWAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.TlsClient;
import dev.longshore.proxy.testing.Wire;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is of a connection of HTTP/2 and not of its streams. */
@Timeout(60)
class Http2ConnectionTest {
  private static TestSettings settings() {
    return new TestSettings().http2(new Http2(true, true, 10));
  }

  /** RFC 9113 §6.8: what is on its way is served, and what is open goes on. */
  @Test
  void aShutdownTellsClientsToGoInTwoSteps() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  if (conversation.readRequest().target().equals("/slow")) {
                    answer.await();
                  }
                  conversation.lastAnswer("hello");
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(
                        settings()
                            .processDrain(
                                Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(20))
                            .build())
                    .all()
                    .to(upstream.address()));
        Http2Client client = Http2Client.clear(proxy)) {
      client.get(1, "/slow");
      upstream.request();
      CompletableFuture<Void> shutdown = proxy.dataPlane().shutdown();
      Frame first = Objects.requireNonNull(client.nextOf(GOAWAY));
      assertThat(first.number(0)).isEqualTo(Integer.MAX_VALUE);
      assertThat(first.number(4)).isEqualTo(Http2Error.NO_ERROR.code());
      // Before the PING between the two is answered.
      client.get(3, "/late");
      assertThat(client.answer(3).body()).isEqualTo("hello");
      Frame second = Objects.requireNonNull(client.nextOf(GOAWAY));
      assertThat(second.number(0)).isEqualTo(3);
      answer.countDown();
      assertThat(client.answer(1).body()).isEqualTo("hello");
      assertThat(client.next()).isNull();
      client.close();
      shutdown.join();
    }
  }

  @Test
  void tunnelsAreClosedOverTheWindowOfAShutdown() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(
                        settings()
                            .processDrain(
                                Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(20))
                            .build())
                    .all()
                    .to(upstream.address()));
        Http2Client client = Http2Client.secured(proxy)) {
      for (int stream = 1; stream < 10; stream += 2) {
        client.webSocket(stream, "/");
        assertThat(client.next(stream).status()).isEqualTo(200);
      }
      CompletableFuture<Void> shutdown = proxy.dataPlane().shutdown();
      for (int stream = 1; stream < 10; stream += 2) {
        Frame close = client.next(stream);
        assertThat(close.type()).isEqualTo(DATA);
        assertThat(close.payload()).startsWith("\u0088\u0002\u0003\u00e9");
        client.data(stream, "\u0088\u0082\0\0\0\0\u0003\u00e9", true);
      }
      Frame frame = client.next();
      while (frame != null) {
        frame = client.next();
      }
      shutdown.join();
      await()
          .until(
              () ->
                  proxy.accessLog().lines().filter(line -> line.contains("\"shutdown\"")).count()
                      == 5);
    }
  }

  /** A browser asks for every host that a certificate names on the connection that it has. */
  @Test
  void aConnectionIsForTheHostsOfItsCertificate() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(settings().build())
                    .all()
                    .to(upstream.address())
                    .rule("other.example.com", "/")
                    .to(upstream.address()));
        Http2Client client = Http2Client.secured(proxy)) {
      client.get(1, "/");
      assertThat(client.answer(1).status()).isEqualTo(200);
      client.headers(
          3,
          true,
          ":method",
          "GET",
          ":scheme",
          "https",
          ":authority",
          "other.example.com",
          ":path",
          "/");
      assertThat(client.answer(3).status()).isEqualTo(421);
      Certificate own = TestCertificates.ofHost();
      proxy.apply(
          new TestRoutes()
              .settings(settings().build())
              .certificate(
                  new Certificate(
                      own.key(),
                      List.of("chat.example.com", "other.example.com"),
                      own.chain(),
                      own.privateKey()))
              .all()
              .to(upstream.address())
              .rule("other.example.com", "/")
              .to(upstream.address()));
      client.headers(
          5,
          true,
          ":method",
          "GET",
          ":scheme",
          "https",
          ":authority",
          "other.example.com",
          ":path",
          "/");
      assertThat(client.answer(5).status()).isEqualTo(200);
    }
  }

  @Test
  void bothVersionsAreSpokenOnOneListener() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = Http2RequestTest.proxy(upstream)) {
      for (Wire wire : List.of(Wire.PLAIN, Wire.TLS)) {
        try (RawClient client = proxy.connect(wire)) {
          client.send(RawClient.get("/"));
          assertThat(client.readBody(client.readHead())).isEqualTo("hello");
        }
      }
      try (RawClient client =
          TlsClient.to(proxy).name(TestCertificates.HOST).protocols("http/1.1", "h2").connect()) {
        // The server's order decides.
        assertThat(TlsClient.tls(client).getApplicationProtocol()).isEqualTo("h2");
      }
    }
  }

  /** RFC 9113 §3.4. */
  @Test
  void whatIsNeitherIsClosedWithoutAnAnswer() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("hello");
        TestProxy proxy = Http2RequestTest.proxy(upstream)) {
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send("INVALID CONNECTION PREFACE\r\n\r\n");
        assertThat(client.readToEnd()).isEmpty();
      }
      assertThat(
              proxy.metric(
                  "longshore_http2_errors_total{code=\"protocol_error\",scope=\"connection\"}"))
          .isEqualTo(1);
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send("\r\n" + RawClient.get("/"));
        assertThat(client.readBody(client.readHead())).isEqualTo("hello");
      }
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send("GET / HTTP/9.1\r\n\r\n");
        assertThat(client.readHead().status()).isEqualTo(400);
      }
    }
  }

  @Test
  void aChangeOfTheSettingTouchesNoOpenConnection() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = Http2RequestTest.proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      proxy.apply(
          new TestRoutes()
              .settings(new TestSettings().http2(null).build())
              .all()
              .to(upstream.address()));
      String message = RawClient.message("hello");
      client.data(1, message, false);
      assertThat(client.next(1).payload()).isEqualTo(message);
      client.webSocket(3, "/");
      assertThat(client.next(3).status()).isEqualTo(200);
      try (RawClient later =
          TlsClient.to(proxy).name(TestCertificates.HOST).protocols("h2", "http/1.1").connect()) {
        assertThat(TlsClient.tls(later).getApplicationProtocol()).isEqualTo("http/1.1");
      }
      client.connection().cut();
      await().until(() -> upstream.open() == 0);
    }
  }

  /**
   * Each stream may need an upstream connection, and with that a descriptor, as a connection does.
   */
  @Test
  void streamsTakeThePlacesOfConnections() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  answer.await();
                  conversation.lastAnswer("hello");
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().settings(settings().build()).all().to(upstream.address()),
                Transport.AUTO,
                1,
                ProcessBounds.DEFAULT.connections(6, 4));
        Http2Client client = Http2Client.clear(proxy)) {
      for (int stream = 1; stream < 9; stream += 2) {
        client.get(stream, "/");
      }
      client.get(9, "/");
      assertThat(client.answer(9).status()).isEqualTo(503);
      assertThat(proxy.metric("longshore_connections_open")).isEqualTo(4);
      answer.countDown();
      for (int stream = 1; stream < 9; stream += 2) {
        assertThat(client.answer(stream).body()).isEqualTo("hello");
      }
      await().until(() -> proxy.metric("longshore_connections_open") == 1);
      client.get(11, "/");
      assertThat(client.answer(11).body()).isEqualTo("hello");
    }
  }
}
