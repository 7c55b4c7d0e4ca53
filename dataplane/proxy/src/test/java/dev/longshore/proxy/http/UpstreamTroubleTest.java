package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get when there is no good answer, and what is tried before. */
@ParameterizedClass
@EnumSource(Wire.class)
class UpstreamTroubleTest {
  private final Wire wire;

  UpstreamTroubleTest(Wire wire) {
    this.wire = wire;
  }

  @Test
  void noRuleIs404AndTheConnectionStays() {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().rule("chat.example.com", "/a").to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/b") + get("/a"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.first("content-type")).startsWith("text/plain");
      assertThat(client.readBody(answer)).contains(answer.first("x-request-id"));
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void errorsAreJsonForWhoAcceptsThat() {
    try (TestProxy proxy = TestProxy.start(new TestRoutes().all().unavailable());
        RawClient client = proxy.connect(wire)) {
      client.send(get("/", "Accept: application/json\r\n"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.all("content-type")).containsExactly("application/json");
      assertThat(client.readBody(answer))
          .startsWith("{\"status\":503,")
          .contains("\"requestId\":\"" + answer.first("x-request-id") + "\"")
          .doesNotContain("secret reason");
    }
  }

  @Test
  void aPoolWithoutEndpointsIs503() {
    try (TestProxy proxy = TestProxy.start(new TestRoutes().all().to());
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(503);
    }
  }

  @Test
  void refusedConnectionsAreRetriedOnAnotherEndpoint() {
    try (RawUpstream good = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().to(Refusing.address(), good.address()));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 4; i++) {
        client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 5\r\n\r\nhello");
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(200);
        client.readBody(answer);
      }
    }
  }

  @Test
  void nobodyReachableIs502() {
    try (TestProxy proxy = TestProxy.start(new TestRoutes().all().to(Refusing.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(502);
    }
  }

  @Test
  void aRequestThatCrossedWithTheEndOfAnIdleConnectionIsSentAgain() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.answer("first");
                  if (conversation.number() == 1) {
                    // Read, and then not answered: the proxy can't know whether it was.
                    conversation.readRequest();
                  } else {
                    conversation.readToEnd();
                  }
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 2; i++) {
        client.send(get("/"));
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(200);
        client.readBody(answer);
      }
      assertThat(upstream.accepted()).isEqualTo(2);
    }
  }

  @Test
  void aPostThatCrossedIsNotSentAgain() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.answer("first");
                  conversation.readRequest();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      client.readBody(client.readHead());
      client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 2\r\n\r\nhi");
      assertThat(client.readHead().status()).isEqualTo(502);
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\0: 1\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\nhello",
      })
  void anAnswerThatIsNoneIs502(String answer) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(answer);
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(502);
      await().until(() -> upstream.open() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n",
      })
  void anAnswerThatBreaksOffBreaksOffForTheClient(String answer) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(answer);
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/") + get("/next"));
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(client.readToEnd()).doesNotContain("0\r\n\r\n").doesNotContain("HTTP/1.1");
    }
  }

  @Test
  void noAnswerInTimeIs504() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().answerWithin(Duration.ofMillis(200)).build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      assertThat(client.readHead().status()).isEqualTo(504);
      await().until(() -> upstream.accepted() > 0 && upstream.open() == 0);
      assertThat(upstream.accepted()).as("a sent request is not repeated").isEqualTo(1);
    }
  }

  @Test
  void aBodyThatStandsStillIsCutAfterTheIdleTime() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().idle(Duration.ofMillis(200)).build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      client.readHead();
      assertThat(client.readToEnd()).isEqualTo("hello");
    }
  }

  @Test
  void withoutIdleConnectionsTheUpstreamIsAskedToClose() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().keepalive(0).to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 2; i++) {
        client.send(get("/"));
        client.readBody(client.readHead());
        assertThat(upstream.request().all("connection")).containsExactly("close");
      }
      assertThat(upstream.accepted()).isEqualTo(2);
      await().until(() -> upstream.open() == 0);
    }
  }

  @Test
  void bytesBehindAnAnswerDiscardTheConnection() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                          + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 3; i++) {
        client.send(get("/"));
        assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      }
      assertThat(upstream.accepted()).isEqualTo(3);
    }
  }
}
