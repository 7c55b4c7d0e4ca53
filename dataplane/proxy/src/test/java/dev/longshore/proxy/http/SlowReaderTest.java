package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that ask and don't take the answers: nobody holds more for one than its buffers. */
@ParameterizedClass
@EnumSource(Wire.class)
@Execution(ExecutionMode.SAME_THREAD) // floods, which take a core each
class SlowReaderTest {
  private static final Duration STALL = Duration.ofSeconds(1);
  private static final String CLOSE = get("/last", "Connection: close\r\n");
  private static final String CHUNK = "400\r\n" + "x".repeat(0x400) + "\r\n";

  private final Wire wire;

  SlowReaderTest(Wire wire) {
    this.wire = wire;
  }

  /** Where nothing is asked of an upstream: no rule, forbidden, HTTPS wanted, no endpoint. */
  private static TestRoutes refusing() {
    return new TestRoutes()
        .rule("chat.example.com", "/forbidden")
        .policy(new TestPolicy().deny("127.0.0.0/8").build())
        .to()
        .rule("chat.example.com", "/insecure")
        .policy(new TestPolicy().with(InsecureMode.REDIRECT).build())
        .to()
        .rule("chat.example.com", "/empty")
        .to();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /none", "HEAD /forbidden", "GET /empty"})
  void nothingIsDecodedWhileAnswersAreNotTaken(String request) throws Exception {
    String pipelined = (request + " HTTP/1.1\r\nHost: chat.example.com\r\n\r\n").repeat(50);
    try (TestProxy proxy = TestProxy.start(refusing());
        RawClient client = proxy.connectNarrow(wire)) {
      Flood flood = Flood.start(client, pipelined, CLOSE);
      flood.awaitStandstill();
      try (RawClient other = proxy.connect(wire)) {
        other.send(get("/none"));
        assertThat(other.readHead().status()).as("a neighbour").isEqualTo(404);
      }
      flood.stop();
      client.reset();
    }
  }

  @Test
  void decodingGoesOnWhenAnswersOfOurOwnAreTaken() throws Exception {
    assumeTrue(wire == Wire.PLAIN, "over TLS nothing is redirected to it");
    try (TestProxy proxy = TestProxy.start(refusing())) {
      allAreAnswered(proxy, get("/insecure/" + "p".repeat(7000)), "HTTP/1\\.1 308");
    }
  }

  @Test
  void decodingGoesOnWhenRelayedAnswersAreTaken() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("x".repeat(5000));
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()))) {
      allAreAnswered(proxy, get("/" + "p".repeat(7000)), "HTTP/1\\.1 200");
    }
  }

  private void allAreAnswered(TestProxy proxy, String request, String answer) throws Exception {
    try (RawClient client = proxy.connectNarrow(wire)) {
      Flood flood =
          Flood.start(
              client, request, request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      flood.awaitStandstill();
      flood.stop();
      String answers = client.readToEnd();
      assertThat(Pattern.compile(answer).matcher(answers).results().count())
          .isEqualTo(flood.sent() + 1);
    }
  }

  @Test
  void whoTakesNothingOfAnAnswerIsCut() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  Flood.start(conversation, CHUNK, "");
                  end.await();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().writeStall(STALL).build())
                    .to(upstream.address()));
        RawClient client = proxy.connectNarrow(wire)) {
      client.send(get("/"));
      await().until(() -> proxy.metric("longshore_http_stalled_total") == 1);
      end.countDown();
    }
  }

  /** Over TLS a close waits for what is written before it, and the loop that would be told ends. */
  @Test
  void whoTakesNothingIsClosedWithTheProxy() throws Exception {
    CompletableFuture<Flood> flooding = new CompletableFuture<>();
    CountDownLatch end = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  flooding.complete(Flood.start(conversation, CHUNK, ""));
                  end.await();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connectNarrow(wire)) {
      client.send(get("/"));
      flooding.get(60, TimeUnit.SECONDS).awaitStandstill();
      proxy.close();
      assertThat(client.readToEnd()).startsWith("HTTP/1.1 200 OK").doesNotEndWith("0\r\n\r\n");
      end.countDown();
    }
  }

  @Test
  void anAnswerMayBeSilent() {
    CountDownLatch more = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  more.await();
                  conversation.send("2\r\nhi\r\n0\r\n\r\n");
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().writeStall(Duration.ofMillis(200)).build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/"));
      HttpHead answer = client.readHead();
      assertThat(client.isSilentFor(1000)).isTrue();
      more.countDown();
      assertThat(client.readBody(answer)).isEqualTo("hi");
    }
  }
}
