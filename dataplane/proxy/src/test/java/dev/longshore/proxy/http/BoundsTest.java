package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Case 11: the bounds of a request in size, number and time. */
@ParameterizedClass
@EnumSource(Wire.class)
class BoundsTest {
  private static final String ONE_BLOCK = "a head of a stream is sent as a whole here";
  private static final Duration PATIENT = Duration.ofSeconds(10);
  private static final Duration HURRIED = Duration.ofSeconds(1);

  private final Wire wire;
  private RawUpstream upstream;
  private TestProxy proxy;
  private RawClient client;

  BoundsTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("ok");
    proxy = TestProxy.start(routes(PATIENT));
    client = proxy.connect(wire);
  }

  private TestRoutes routes(Duration head) {
    return new TestRoutes()
        .settings(new TestSettings().bounds(new Bounds(1000, 4000, 20, 10, head)).build())
        .all()
        .to(upstream.address());
  }

  /** A connection with little time, which begins when it is accepted. */
  private void hurry() {
    proxy.apply(routes(HURRIED));
    client.close();
    client = proxy.connect(wire);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  private int statusAndEnd() {
    HttpHead answer = client.readHead();
    client.readBody(answer);
    if (wire.isHttp1()) {
      assertThat(client.readToEnd()).isEmpty();
    }
    return answer.status();
  }

  /** Kept until the block is complete they would take fifty times their bytes. */
  @Test
  void fieldsAreCountedBeforeTheBlockIsComplete() {
    assumeTrue(wire.isHttp1(), ONE_BLOCK);
    client.send("GET / HTTP/1.1\r\n" + "a:\r\n".repeat(21));
    assertThat(statusAndEnd()).isEqualTo(431);
  }

  @Test
  void aLongRequestLineGets414() {
    client.send(get("/" + "a".repeat(1000)));
    assertThat(statusAndEnd()).isEqualTo(414);
  }

  /** 128 of them, and a path of 8 KB, held an event loop for seconds. */
  @Test
  void aPathThatPatternsWouldTakeLongForGets414AndTheConnectionStays() {
    TestRoutes routes = new TestRoutes();
    for (int i = 0; i < 128; i++) {
      routes = routes.pattern("chat.example.com", "/.*a.*b.*c.*" + i).to(upstream.address());
    }
    proxy.apply(routes.all().to(upstream.address()));
    client.send(get("/" + "abc".repeat(300)));
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(414);
    assertThat(client.readBody(answer)).contains("too long for the patterns");
    assertThat(upstream.gotRequest()).isFalse();
    client.send(get("/abc"));
    assertThat(client.readHead().status()).isEqualTo(200);
  }

  @Test
  void aLongHeaderBlockGets431() {
    client.send(get("/", "X: " + "a".repeat(4000) + "\r\n"));
    assertThat(statusAndEnd()).isEqualTo(431);
  }

  @Test
  void manyHeaderFieldsGet431() {
    client.send(get("/", "X: 1\r\n".repeat(20)));
    assertThat(statusAndEnd()).isEqualTo(431);
  }

  @Test
  void whatIsJustWithinPasses() {
    client.send(get("/" + "a".repeat(980), "X: 1\r\n".repeat(19)));
    assertThat(client.readHead().status()).isEqualTo(200);
  }

  @Test
  void anAnnouncedLargeBodyGets413BeforeItIsRead() {
    client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 11\r\n\r\n");
    assertThat(statusAndEnd()).isEqualTo(413);
    assertThat(upstream.gotRequest()).isFalse();
  }

  @Test
  void aLargeChunkedBodyGets413WhenItGetsThere() {
    client.send(
        "POST / HTTP/1.1\r\nHost: chat.example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n");
    assertThat(statusAndEnd()).isEqualTo(413);
  }

  @Test
  void aBodyWithinTheBoundPasses() {
    client.send(
        "POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 10\r\n\r\n1234567890");
    assertThat(client.readHead().status()).isEqualTo(200);
  }

  @Test
  void aSlowHeadGets408() {
    assumeTrue(wire.isHttp1(), ONE_BLOCK);
    hurry();
    client.send("GET / HTTP/1.1\r\nHost: chat.example.com\r\n");
    assertThat(statusAndEnd()).isEqualTo(408);
  }

  @Test
  void drippingDoesNotProlongTheTime() {
    assumeTrue(wire.isHttp1(), ONE_BLOCK);
    hurry();
    client.send("GET / HTTP/1.1\r\nHost: chat.example.com\r\n");
    await()
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              client.send("X: 1\r\n");
              return !client.isSilentFor(1);
            });
    assertThat(client.readHead().status()).isEqualTo(408);
  }

  @Test
  void aBodyThatDoesNotComeGets408() {
    try (TestProxy impatient =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().idle(Duration.ofMillis(200)).build())
                    .to(upstream.address()));
        RawClient slow = impatient.connect(wire)) {
      slow.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 10\r\n\r\n12345");
      assertThat(slow.readHead().status()).isEqualTo(408);
    }
  }

  @Test
  void aConnectionThatSaysNothingIsClosedWithoutAnAnswer() {
    hurry();
    assertThat(client.readToEnd()).isEmpty();
  }

  @Test
  void theSecondRequestOfAConnectionHasTheSameTime() {
    assumeTrue(wire.isHttp1(), ONE_BLOCK);
    hurry();
    client.send(get("/"));
    HttpHead first = client.readHead();
    client.readBody(first);
    assertThat(client.isSilentFor(1500)).as("idle between requests is no slow head").isTrue();
    client.send("GET / HT");
    assertThat(statusAndEnd()).isEqualTo(408);
  }
}
