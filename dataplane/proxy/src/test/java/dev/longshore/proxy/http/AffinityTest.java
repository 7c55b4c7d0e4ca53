package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Secret;
import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.SameSite;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestPool;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that come back to their endpoint, with plain requests and handshakes alike. */
@ParameterizedClass
@EnumSource(Wire.class)
class AffinityTest {
  private static final int BACKENDS = 4;

  private final Wire wire;

  AffinityTest(Wire wire) {
    this.wire = wire;
  }

  /** Answers plain requests and handshakes, and says who it is. */
  private static RawUpstream backend(String name, String... lines) {
    String more = "X-Backend: " + name + "\r\n" + String.join("", lines);
    return RawUpstream.start(
        conversation -> {
          while (true) {
            HttpHead head = conversation.readRequest();
            if (!head.has("upgrade")) {
              conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + more + "\r\nok");
            } else if (head.target().startsWith("/declined")) {
              conversation.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n" + more + "\r\nno");
            } else {
              conversation.send(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                      + RawClient.ACCEPT
                      + "\r\n"
                      + more
                      + "\r\n");
              conversation.echo();
              return;
            }
          }
        });
  }

  private final class Fixture implements AutoCloseable {
    private final List<RawUpstream> backends = new ArrayList<>();
    private final TestProxy proxy;

    Fixture(
        TestRoutes routes, TestPolicy policy, UnaryOperator<UpstreamPool> pool, String... lines) {
      for (int i = 0; i < BACKENDS; i++) {
        backends.add(backend("b" + i, lines));
      }
      proxy =
          TestProxy.start(routes.all().policy(policy.build()).pool(pool).to(addresses(backends)));
    }

    Fixture(UnaryOperator<UpstreamPool> pool, String... lines) {
      this(new TestRoutes(), new TestPolicy(), pool, lines);
    }

    /** The head of the answer to one request on a connection of its own. */
    HttpHead ask(String request) {
      try (RawClient client = proxy.connect(wire)) {
        client.send(request);
        return client.readHead();
      }
    }

    /** Who answers plain requests on one connection. */
    Set<String> backendsOf(Stream<String> requests) {
      Set<String> names = new HashSet<>();
      try (RawClient client = proxy.connect(wire)) {
        requests.forEach(
            request -> {
              client.send(request);
              HttpHead answer = client.readHead();
              client.readBody(answer);
              names.add(backendOf(answer));
            });
      }
      return names;
    }

    @Override
    public void close() {
      proxy.close();
      backends.forEach(RawUpstream::close);
    }
  }

  private static InetSocketAddress[] addresses(List<RawUpstream> backends) {
    return backends.stream().map(RawUpstream::address).toArray(InetSocketAddress[]::new);
  }

  private static UpstreamPool sticky(UpstreamPool pool) {
    return TestPool.sticky(pool, 'a');
  }

  private static String backendOf(HttpHead answer) {
    return requireNonNull(answer.first("x-backend"));
  }

  /** {@code Cookie: …} of what an answer set. */
  private static String cookie(HttpHead answer) {
    String field = answer.all("set-cookie").getLast();
    return "Cookie: other=1; " + field.substring(0, field.indexOf(';')) + "\r\n";
  }

  @Test
  void aSessionStaysFromPollingToTheTunnel() {
    try (Fixture f = new Fixture(AffinityTest::sticky)) {
      Set<String> seen = new HashSet<>();
      for (int session = 0; session < 8; session++) {
        HttpHead first = f.ask(get("/poll"));
        String cookie = cookie(first);
        seen.add(backendOf(first));
        try (RawClient client = f.proxy.connect(wire)) {
          for (int poll = 0; poll < 3; poll++) {
            client.send(get("/poll", cookie));
            HttpHead answer = client.readHead();
            assertThat(client.readBody(answer)).isEqualTo("ok");
            assertThat(backendOf(answer)).isEqualTo(backendOf(first));
            assertThat(answer.has("set-cookie")).as("it has the cookie").isFalse();
          }
          client.send(handshake("/ws", cookie));
          HttpHead answer = client.readHead();
          assertThat(answer.status()).isEqualTo(101);
          assertThat(backendOf(answer)).isEqualTo(backendOf(first));
          assertThat(answer.has("set-cookie")).isFalse();
        }
      }
      assertThat(seen).hasSize(BACKENDS);
    }
  }

  @Test
  void theCookieSaysNothingAndIsTakenCareOf() {
    try (Fixture f = new Fixture(AffinityTest::sticky)) {
      String expected =
          "longshore=[A-Za-z0-9_-]{30}; Path=/; HttpOnly; "
              + (wire.scheme().equals("https") ? "Secure; " : "")
              + "SameSite=Lax";
      for (String request : List.of(get("/"), handshake("/ws"), handshake("/declined"))) {
        assertThat(f.ask(request).all("set-cookie"))
            .singleElement()
            .satisfies(field -> assertThat(field).matches(expected));
      }
    }
  }

  @Test
  void attributesAreThePools() {
    UnaryOperator<UpstreamPool> pool =
        it ->
            it.with(
                new Affinity(
                    "__Secure-s",
                    Duration.ofMinutes(90),
                    "/app",
                    SameSite.NONE,
                    new Secret("0".repeat(64))));
    try (Fixture f = new Fixture(pool)) {
      assertThat(f.ask(get("/")).first("set-cookie"))
          .matches("__Secure-s=[^;]{30}; Path=/app; Max-Age=5400; HttpOnly; Secure; SameSite=None");
    }
  }

  @Test
  void aTrustedProxySaysThatTheClientSpeaksTls() {
    Settings settings = new TestSettings().trusting("127.0.0.0/8").build();
    try (Fixture f =
        new Fixture(new TestRoutes().settings(settings), new TestPolicy(), AffinityTest::sticky)) {
      assertThat(f.ask(get("/", "X-Forwarded-Proto: https\r\n")).first("set-cookie"))
          .contains("; Secure;");
    }
  }

  @Test
  void theUpstreamsOwnCookiesStayAndTheClientsGoUpstream() throws Exception {
    try (Fixture f = new Fixture(AffinityTest::sticky, "Set-Cookie: a=b; Path=/x\r\n")) {
      for (String request : List.of(get("/"), handshake("/ws"), handshake("/declined"))) {
        HttpHead answer = f.ask(request);
        assertThat(answer.all("set-cookie")).hasSize(2).contains("a=b; Path=/x");
      }
      HttpHead first = f.ask(get("/"));
      RawUpstream upstream = f.backends.get(backendOf(first).charAt(1) - '0');
      while (upstream.gotRequest()) {
        upstream.request();
      }
      f.ask(get("/again", cookie(first)));
      assertThat("Cookie: " + upstream.request().first("cookie") + "\r\n").isEqualTo(cookie(first));
    }
  }

  @Test
  void whoSetsTheCookieItselfIsNotContradicted() {
    try (Fixture f = new Fixture(AffinityTest::sticky, "Set-Cookie: longshore=; Max-Age=0\r\n")) {
      for (String request : List.of(get("/"), handshake("/ws"), handshake("/declined"))) {
        assertThat(f.ask(request).all("set-cookie")).containsExactly("longshore=; Max-Age=0");
      }
    }
  }

  @Test
  void thePolicysEditsAreOfTheUpstreamsCookies() {
    String own = "Set-Cookie: a=b\r\n";
    TestPolicy removes = new TestPolicy().response(List.of(), "set-cookie");
    TestPolicy sets = new TestPolicy().response(List.of(new Header("Set-Cookie", "p=q")));
    try (Fixture f = new Fixture(new TestRoutes(), removes, AffinityTest::sticky, own);
        Fixture g = new Fixture(new TestRoutes(), sets, AffinityTest::sticky, own)) {
      for (String request : List.of(get("/"), handshake("/ws"))) {
        assertThat(f.ask(request).all("set-cookie"))
            .singleElement()
            .satisfies(it -> assertThat(it).startsWith("longshore="));
        assertThat(g.ask(request).all("set-cookie")).hasSize(2).contains("p=q");
      }
    }
  }

  @Test
  void hostileCookiesGetAGoodOne() {
    try (Fixture f = new Fixture(AffinityTest::sticky)) {
      String good = cookie(f.ask(get("/"))).strip().replaceAll(".*longshore=", "");
      for (String shown :
          List.of(
              "longshore=" + "x".repeat(30),
              "longshore=\"" + good + "\"",
              "longshore=" + good + "x",
              "longshore",
              "longshore=" + "x".repeat(4000),
              "longshore=1; ".repeat(100) + "longshore=" + good)) {
        HttpHead answer = f.ask(get("/", "Cookie: " + shown + "\r\n"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.all("set-cookie")).as(shown).hasSize(1);
      }
      HttpHead duplicate = f.ask(get("/", "Cookie: longshore=1; longshore=" + good + "\r\n"));
      assertThat(duplicate.has("set-cookie")).as("the second one means something").isFalse();
    }
  }

  @Test
  void whoseEndpointIsGoneMovesOnce() {
    try (Fixture f = new Fixture(AffinityTest::sticky)) {
      HttpHead first = f.ask(get("/"));
      RawUpstream left = f.backends.get(backendOf(first).charAt(1) - '0');
      InetSocketAddress[] others = addresses(f.backends.stream().filter(it -> it != left).toList());
      f.proxy.apply(new TestRoutes().all().pool(AffinityTest::sticky).to(others));
      HttpHead second = f.ask(handshake("/ws", cookie(first)));
      assertThat(second.status()).isEqualTo(101);
      assertThat(backendOf(second)).isNotEqualTo(backendOf(first));
      HttpHead third = f.ask(get("/", cookie(second)));
      assertThat(backendOf(third)).isEqualTo(backendOf(second));
      assertThat(third.has("set-cookie")).isFalse();
    }
  }

  @Test
  void whoseEndpointRefusesIsRetriedElsewhereAndTold() {
    try (Fixture f = new Fixture(AffinityTest::sticky)) {
      HttpHead first = f.ask(get("/"));
      f.backends.get(backendOf(first).charAt(1) - '0').refuse();
      HttpHead second = f.ask(handshake("/ws", cookie(first)));
      assertThat(second.status()).isEqualTo(101);
      assertThat(backendOf(second)).isNotEqualTo(backendOf(first));
      assertThat(second.all("set-cookie")).hasSize(1);
    }
  }

  @Test
  void withoutAffinityNothingIsSet() {
    try (Fixture f = new Fixture(UnaryOperator.identity())) {
      assertThat(f.ask(get("/", "Cookie: longshore=1\r\n")).has("set-cookie")).isFalse();
    }
  }

  @Test
  void whatIsHashedDecides() {
    record Case(HashType type, String name, List<String> requests) {}

    String header = "X-User: ann\r\n";
    String cookie = "Cookie: a=1; sid=ann\r\n";
    for (Case one :
        List.of(
            new Case(HashType.HEADER, "x-user", List.of(get("/", header), handshake("/", header))),
            new Case(HashType.COOKIE, "sid", List.of(get("/", cookie), handshake("/", cookie))),
            new Case(
                HashType.QUERY, "sid", List.of(get("/?sid=ann"), handshake("/?x=1&sid=%61nn"))))) {
      try (Fixture f = new Fixture(it -> TestPool.hashing(it, one.type, one.name))) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 5; i++) {
          one.requests.forEach(request -> seen.add(backendOf(f.ask(request))));
        }
        assertThat(seen).as(one.type.toString()).hasSize(1);
        Stream<String> others =
            IntStream.range(0, 100)
                .mapToObj(
                    i ->
                        switch (one.type) {
                          case HEADER -> get("/", "X-User: u" + i + "\r\n");
                          case COOKIE -> get("/", "Cookie: sid=u" + i + "\r\n");
                          case QUERY -> get("/?sid=u" + i);
                          case CLIENT_IP -> throw new AssertionError();
                        });
        assertThat(f.backendsOf(others)).hasSize(BACKENDS);
      }
    }
  }

  @Test
  void clientsAreToldApartBehindTrustedProxies() {
    Settings settings = new TestSettings().trusting("127.0.0.0/8").build();
    try (Fixture f =
        new Fixture(
            new TestRoutes().settings(settings),
            new TestPolicy(),
            it -> TestPool.hashing(it, HashType.CLIENT_IP, null))) {
      String host = "X-Forwarded-For: 2001:db8:0:1::1\r\n";
      String neighbour = "X-Forwarded-For: 2001:db8:0:1:2345::\r\n";
      for (int i = 0; i < 5; i++) {
        assertThat(backendOf(f.ask(handshake("/ws", neighbour))))
            .isEqualTo(backendOf(f.ask(get("/", host))));
      }
      Stream<String> others =
          IntStream.range(0, 100)
              .mapToObj(i -> get("/", "X-Forwarded-For: 2001:db8:0:" + i + "::1\r\n"));
      assertThat(f.backendsOf(others)).hasSize(BACKENDS);
    }
  }

  @Test
  void fullEndpointsTakeNobodyMore() {
    try (Fixture f = new Fixture(it -> TestPool.bounded(sticky(it), 1))) {
      List<RawClient> tunnels = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      String cookie = "";
      for (int i = 0; i < BACKENDS; i++) {
        RawClient client = f.proxy.connect(wire);
        tunnels.add(client);
        // All of them would go to the first one's endpoint.
        client.send(handshake("/ws", cookie));
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(101);
        seen.add(backendOf(answer));
        cookie = i == 0 ? cookie(answer) : cookie;
      }
      assertThat(seen).hasSize(BACKENDS);
      for (String request : List.of(get("/"), handshake("/ws", cookie))) {
        try (RawClient client = f.proxy.connect(wire)) {
          client.send(request);
          HttpHead answer = client.readHead();
          assertThat(answer.status()).isEqualTo(503);
          assertThat(client.readBody(answer))
              .contains("every endpoint has as many connections as it may");
        }
      }
      String again = cookie;
      tunnels.getFirst().close();
      await().untilAsserted(() -> assertThat(f.ask(get("/", again)).status()).isEqualTo(200));
      assertThat(f.ask(get("/", again)).has("set-cookie")).isFalse();
      tunnels.forEach(RawClient::close);
    }
  }
}
