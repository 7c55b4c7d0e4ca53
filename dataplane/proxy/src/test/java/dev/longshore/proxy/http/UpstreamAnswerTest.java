package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings.AccessLog;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that come early, in part, too often or with what is none. */
@ParameterizedClass
@EnumSource(Wire.class)
class UpstreamAnswerTest {
  private static final String EARLY_HINTS =
      "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

  private final Wire wire;

  UpstreamAnswerTest(Wire wire) {
    this.wire = wire;
  }

  private static TestProxy proxy(RawUpstream upstream) {
    return TestProxy.start(
        new TestRoutes()
            .settings(new TestSettings().accessLog(AccessLog.ALL).build())
            .all()
            .health(new HealthCheck(new Passive(1, Duration.ofHours(1), 50), null, 0))
            .to(upstream.address()));
  }

  private static void awaitReason(TestProxy proxy, String reason) {
    await().until(() -> proxy.accessLog().contains("\"reason\":\"" + reason + "\""));
  }

  /** It is relayed, and some clients show it on a terminal, or end their line at it. */
  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "a\u001b[2Jb", "a\u007fb"})
  void aReasonWithControlCharactersIsNoAnswer(String reason) {
    Script script =
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 " + reason + "\r\nContent-Length: 0\r\n\r\n");
          conversation.readToEnd();
        };
    try (RawUpstream upstream = RawUpstream.start(script);
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(502);
    }
  }

  @Test
  void fieldsOfAnAnswerAreCountedBeforeItsHeadIsComplete() {
    String fields = "a:\r\n".repeat(HardLimits.ANSWER_FIELDS + 1);
    Script verbose =
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 OK\r\n" + fields);
          conversation.readToEnd();
        };
    try (RawUpstream upstream = RawUpstream.start(verbose);
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(502);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 401 No\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "4\r\nbody\r\n0\r\n\r\n"
      })
  void anAnswerBeforeTheEndOfTheRequestIsRelayedThoughTheUpstreamCloses(String early) {
    int status = Integer.parseInt(early.substring(9, 12));
    Script impatient =
        conversation -> {
          conversation.readRequest();
          conversation.send(early);
          // With most of the request unread: the kernel sends a RST behind the answer.
        };
    try (RawUpstream upstream = RawUpstream.start(impatient);
        TestProxy proxy = proxy(upstream)) {
      String body = "x".repeat(200_000);
      for (int i = 0; i < 20; i++) {
        try (RawClient client = proxy.connect(wire)) {
          client.send(
              "POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 200000\r\n\r\n" + body);
          HttpHead answer = client.readHead();
          assertThat(answer.status()).isEqualTo(status);
          assertThat(client.readBody(answer)).isEqualTo("body");
        }
      }
      assertThat(proxy.page("/endpoints")).doesNotContain("lastFailure");
    }
  }

  @Test
  void aResetIsNoEndOfAnAnswerWithoutALength() {
    assumeTrue(wire.isHttp1(), "there the stream is reset");
    Script resetting =
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(50));
          conversation.readLine();
          conversation.reset();
        };
    for (String version : new String[] {"1.1", "1.0"}) {
      try (RawUpstream upstream = RawUpstream.start(resetting);
          TestProxy proxy = proxy(upstream);
          RawClient client = proxy.connect(wire)) {
        client.send(
            "POST / HTTP/" + version + "\r\nHost: chat.example.com\r\nContent-Length: 3\r\n\r\nx");
        assertThat(client.readHead().status()).isEqualTo(200);
        boolean chunked = version.equals("1.1");
        String part = chunked ? "32\r\n" + "x".repeat(50) + "\r\n" : "x".repeat(50);
        assertThat(client.read(part.length())).isEqualTo(part);
        client.send("\r\n");
        if (chunked) {
          assertThat(client.readToEnd()).as("no last chunk").isEmpty();
        } else {
          assertThat(endsByReset(client)).as("no end in good order").isTrue();
        }
        awaitReason(proxy, "upstream_cut");
        assertThat(proxy.accessLog()).contains("\"status\":200");
        assertThat(proxy.metric("longshore_requests_refused_total{reason=\"upstream_cut\"}"))
            .isEqualTo(1);
      }
    }
  }

  private static boolean endsByReset(RawClient client) {
    try {
      return client.socket().getInputStream().read() >= 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void aFinIsTheEndOfOne() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\n\r\nall of it");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      HttpHead answer = client.send(get("/")).readHead();
      assertThat(client.readBody(answer)).isEqualTo("all of it");
      await().until(() -> proxy.accessLog().contains("\"status\":200"));
      assertThat(proxy.accessLog()).doesNotContain("reason");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 0200 OK",
        "HTTP/1.1 +20 OK",
        "HTTP/1.1 -20 OK",
        "HTTP/1.1 2xx OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 000 OK",
        "HTTP/1.1 600 OK",
        "HTTP/1.1 999 OK",
        "HTTP/2.0 200 OK",
        "HTTP/0.9 200 OK",
        "HTTP/1.11 200 OK",
        "ICY/1.0 200 OK",
      })
  void whatIsNoStatusIs502(String line) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(line + "\r\nContent-Length: 0\r\n\r\n");
                  conversation.readToEnd();
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      assertThat(client.send(get("/")).readHead().status()).isEqualTo(502);
      await().until(() -> proxy.accessLog().contains("\"reason\":\"upstream_"));
      await().until(() -> upstream.open() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 299, 418, 499, 599})
  void anyStatusOfThreeDigitsUpTo599Passes(int status) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      assertThat(client.send(get("/")).readHead().status()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interimAnswersHaveAnEnd(boolean asHandshake) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  while (true) {
                    conversation.send(EARLY_HINTS);
                  }
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(asHandshake ? handshake("/") : get("/"));
      int interim = 0;
      HttpHead answer = client.readHead();
      while (answer.status() == 103) {
        interim++;
        answer = client.readHead();
      }
      assertThat(answer.status()).isEqualTo(502);
      assertThat(interim).isEqualTo(HardLimits.INTERIM_ANSWERS);
      awaitReason(proxy, "upstream_interim");
      await().until(() -> upstream.open() == 0);
    }
  }

  @Test
  void interimAnswersAreBoundedInBytesToo() {
    String large = "HTTP/1.1 103 Early Hints\r\nLink: " + "x".repeat(30_000) + "\r\n\r\n";
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(large + large);
                  conversation.answer("ok");
                  conversation.readRequest();
                  conversation.send(large + large + large);
                  conversation.lastAnswer("ok");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(103);
      assertThat(client.readHead().status()).isEqualTo(103);
      assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(103);
      assertThat(client.readHead().status()).isEqualTo(103);
      assertThat(client.readHead().status()).isEqualTo(502);
    }
  }

  @Test
  void http10KnowsNoInterimAnswers() {
    assumeTrue(wire.isHttp1());
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(EARLY_HINTS + "HTTP/1.1 100 Continue\r\n\r\n" + EARLY_HINTS);
                  conversation.lastAnswer("ok");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send("GET / HTTP/1.0\r\nHost: chat.example.com\r\nExpect: 100-continue\r\n\r\n");
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(client.readBody(answer)).isEqualTo("ok");
    }
  }

  @Test
  void aPostGoesOverNoConnectionThatIsAboutToBeClosed() {
    // As servers do that keep idle connections for 2 s; the POST comes just then.
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.answer("first");
                  conversation.socket().setSoTimeout(2000);
                  HttpHead next = conversation.readRequest();
                  conversation.readBody(next);
                  conversation.lastAnswer("second");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readBody(client.readHead())).isEqualTo("first");
      assertThat(client.isSilentFor(1500)).isTrue();
      client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 2\r\n\r\nhi");
      assertThat(client.readBody(client.readHead())).isEqualTo("first");
      assertThat(upstream.accepted()).as("a new one").isEqualTo(2);
      client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 2\r\n\r\nhi");
      assertThat(client.readBody(client.readHead())).as("it was used just now").isEqualTo("second");
    }
  }

  @Test
  void whatWasHeardOfIsNotSentAgain() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.answer("first");
                  conversation.readRequest();
                  conversation.send(conversation.number() == 1 ? EARLY_HINTS : "HTTP/1.1 2");
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readBody(client.readHead())).isEqualTo("first");
      client.send(get("/"));
      HttpHead answer = client.readHead();
      if (answer.status() == 103) {
        answer = client.readHead();
      }
      assertThat(answer.status()).isEqualTo(502);
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void anUnsentBodyIsNoReasonNotToTryAgain() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  HttpHead head = conversation.readRequest();
                  if (conversation.number() == 1) {
                    conversation.answer("first");
                    conversation.readRequest();
                    // Closed for idleness, before the body came.
                    return;
                  }
                  conversation.send("HTTP/1.1 100 Continue\r\n\r\n");
                  conversation.lastAnswer(conversation.readBody(head));
                });
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readBody(client.readHead())).isEqualTo("first");
      client.send(
          "PUT / HTTP/1.1\r\nHost: chat.example.com\r\nExpect: 100-continue\r\n"
              + "Content-Length: 4\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(100);
      client.send("body");
      assertThat(client.readBody(client.readHead())).isEqualTo("body");
      assertThat(upstream.accepted()).isEqualTo(2);
    }
  }

  @Test
  void nobodyReachableIsToldToTheLog() {
    try (TestProxy proxy = TestProxy.start(new TestRoutes().all().to(Refusing.address()));
        RawClient client = proxy.connect(wire)) {
      HttpHead answer = client.send(get("/x?token=secret")).readHead();
      assertThat(answer.status()).isEqualTo(502);
      awaitReason(proxy, "upstream_connect");
      assertThat(proxy.accessLog())
          .contains("\"method\":\"GET\",\"host\":\"chat.example.com\",\"path\":\"/x\"")
          .contains("\"endpoint\":\"127.0.0.1:")
          .doesNotContain("secret");
    }
  }
}
