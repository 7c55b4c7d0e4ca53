package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 7, 8 and 10: what an upstream is told of client, host and path, and who may say it. */
@ParameterizedClass
@EnumSource(Wire.class)
class ForwardingTest {
  private static final String[] CLAIMS = {
    "X-Forwarded-For: 203.0.113.9\r\n",
    "X-Forwarded-Proto: https\r\n",
    "X-Forwarded-Host: evil.example\r\n",
    "X-Forwarded-Port: 1\r\n",
    "X-Real-IP: 203.0.113.9\r\n",
    "Forwarded: for=203.0.113.9\r\n",
    "X-Request-Id: from-outside\r\n",
    "X-Forwarded-Prefix: /evil\r\n"
  };

  private final Wire wire;
  private RawUpstream upstream;

  ForwardingTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("ok");
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private HttpHead forwarded(TestRoutes routes, String request) throws Exception {
    try (TestProxy proxy = TestProxy.start(routes);
        RawClient client = proxy.connect(wire)) {
      client.send(request);
      assertThat(client.readHead().status()).isEqualTo(200);
      return upstream.request();
    }
  }

  private TestRoutes routes() {
    return new TestRoutes().all().to(upstream.address());
  }

  private TestRoutes trusting(ForwardedHeaders mode, String... ranges) {
    return routes().settings(new TestSettings().trusting(ranges).forwarded(mode).build());
  }

  @Test
  void whatAnOutsiderClaimsIsReplaced() throws Exception {
    HttpHead request = forwarded(routes(), get("/", CLAIMS));
    assertThat(request.all("x-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(request.all("x-forwarded-proto")).containsExactly(wire.scheme());
    assertThat(request.all("x-forwarded-host")).containsExactly("chat.example.com");
    assertThat(request.all("x-forwarded-port")).hasSize(1).doesNotContain("1");
    assertThat(request.all("x-real-ip")).containsExactly("127.0.0.1");
    assertThat(request.all("forwarded"))
        .containsExactly("for=127.0.0.1;host=chat.example.com;proto=" + wire.scheme());
    assertThat(request.all("x-request-id")).singleElement().asString().matches("[0-9a-f]{32}");
    assertThat(request.has("x-forwarded-prefix")).isFalse();
  }

  @Test
  void whatATrustedProxySaysIsAppendedTo() throws Exception {
    HttpHead request =
        forwarded(trusting(ForwardedHeaders.APPEND, "127.0.0.0/8"), get("/", CLAIMS));
    assertThat(request.all("x-forwarded-for")).containsExactly("203.0.113.9, 127.0.0.1");
    assertThat(request.all("x-forwarded-proto")).containsExactly("https");
    assertThat(request.all("x-forwarded-host")).containsExactly("evil.example");
    assertThat(request.all("x-forwarded-port")).containsExactly("1");
    assertThat(request.all("x-real-ip")).containsExactly("203.0.113.9");
    assertThat(request.all("forwarded"))
        .containsExactly("for=203.0.113.9;host=evil.example;proto=https, for=127.0.0.1");
    assertThat(request.all("x-request-id")).containsExactly("from-outside");
    assertThat(request.all("x-forwarded-prefix")).containsExactly("/evil");
  }

  @Test
  void inModeReplaceAddressAndSchemeAreTakenFromATrustedProxy() throws Exception {
    HttpHead request =
        forwarded(trusting(ForwardedHeaders.REPLACE, "127.0.0.0/8"), get("/", CLAIMS));
    assertThat(request.all("x-forwarded-for")).containsExactly("203.0.113.9");
    assertThat(request.all("x-forwarded-proto")).as("that was believed").containsExactly("https");
    assertThat(request.all("x-forwarded-host")).containsExactly("chat.example.com");
    assertThat(request.all("x-forwarded-port")).containsExactly("443");
    assertThat(request.all("forwarded"))
        .containsExactly("for=203.0.113.9;host=chat.example.com;proto=https");
    assertThat(request.all("x-real-ip")).containsExactly("203.0.113.9");
  }

  @ParameterizedTest
  @CsvSource({
    "'203.0.113.9, 10.0.0.7', 203.0.113.9",
    "'198.51.100.1, 203.0.113.9, 10.0.0.7', 203.0.113.9",
    "'203.0.113.9, unknown, 10.0.0.7', 10.0.0.7",
    "'10.0.0.8, 10.0.0.7', 10.0.0.8",
    "'[2001:db8::5]:443', 2001:db8::5",
    "'203.0.113.9:4711', 203.0.113.9",
    "'rubbish', 127.0.0.1",
  })
  void theClientIsTheRightmostAddressThatIsNoTrustedProxy(String hops, String client)
      throws Exception {
    HttpHead request =
        forwarded(
            trusting(ForwardedHeaders.APPEND, "127.0.0.0/8", "10.0.0.0/8"),
            get("/", "X-Forwarded-For: " + hops + "\r\n"));
    assertThat(request.all("x-real-ip")).containsExactly(client);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Real-IP", "x-forwarded-for", "FORWARDED", "X-Request-Id", "Host"})
  void aConnectionHeaderCannotDeleteWhatTheProxySets(String nominated) throws Exception {
    HttpHead request = forwarded(routes(), get("/", "Connection: close, " + nominated + "\r\n"));
    assertThat(request.has(nominated)).isTrue();
    assertThat(request.has("connection")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X_Real_IP",
        "x_forwarded_for",
        "X-Forwarded_For",
        "X_REQUEST_ID",
        "X_Forwarded-Proto",
        "Transfer_Encoding",
        "Content_Length",
        "Sec_WebSocket_Key",
        "X_Forwarded_Prefix"
      })
  void namesWithUnderscoresThatAliasOursAreRemoved(String alias) throws Exception {
    HttpHead request =
        forwarded(routes(), get("/", alias + ": 203.0.113.9\r\n", "My_Own: kept\r\n"));
    assertThat(request.has(alias)).isFalse();
    assertThat(request.all("my_own")).containsExactly("kept");
  }

  @Test
  void thePolicyEditsHeadersBothWays() throws Exception {
    TestPolicy policy =
        new TestPolicy()
            .request(
                List.of(
                    new Header("X-A", "b"),
                    new Header("X-C", "replaced"),
                    new Header("X-Forwarded-Proto", "https")),
                "x-gone",
                "x-real-ip")
            .response(List.of(new Header("X-Old", "2")), "server");
    try (RawUpstream answering =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      "HTTP/1.1 200 OK\r\nServer: secret\r\nX-Old: 1\r\nConnection: X-Hop\r\n"
                          + "X-Hop: 1\r\nKeep-Alive: 1\r\nContent-Length: 2\r\n\r\nok");
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().policy(policy.build()).to(answering.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/", "X-C: theirs\r\n", "X-Gone: 1\r\n", "X-Real-IP: 6.6.6.6\r\n"));
      HttpHead answer = client.readHead();
      assertThat(client.readBody(answer)).isEqualTo("ok");
      for (String gone :
          List.of("server", "x-hop", "keep-alive", "connection", "transfer-encoding")) {
        assertThat(answer.has(gone)).as(gone).isFalse();
      }
      assertThat(answer.all("x-old")).containsExactly("2");
      assertThat(answer.all("content-length")).containsExactly("2");
      HttpHead request = answering.request();
      assertThat(request.all("x-a")).containsExactly("b");
      assertThat(request.all("x-c")).containsExactly("replaced");
      assertThat(request.has("x-gone")).isFalse();
      assertThat(request.has("x-real-ip")).as("removed by the policy").isFalse();
      assertThat(request.all("x-forwarded-proto")).as("set by it").containsExactly("https");
      assertThat(request.all("x-forwarded-for")).containsExactly("127.0.0.1");
    }
  }

  @Test
  void hostAndPathAreRewritten() throws Exception {
    Rewrite rewrite =
        new Rewrite(new PathRewrite(PathRewrite.Type.REPLACE_PREFIX, "/ws"), "chat.internal");
    HttpHead request =
        forwarded(
            new TestRoutes()
                .rule("chat.example.com", "/websocket")
                .rewrite(rewrite)
                .to(upstream.address()),
            get("/websocket/room?x=%20"));
    assertThat(request.target()).isEqualTo("/ws/room?x=%20");
    assertThat(request.all("host")).containsExactly("chat.internal");
    assertThat(request.all("x-forwarded-host")).containsExactly("chat.example.com");
  }

  @ParameterizedTest
  @CsvSource({
    "/public/x, /public/x",
    "/public/../admin/x, /admin/x",
    "/public/./x, /public/x",
    "/public//x, /public/x",
    "/public/%2e%2e/admin, /admin",
    "http://chat.example.com/public/x, /public/x",
  })
  void thePathThatIsMatchedIsThePathThatTheUpstreamSees(String target, String seen)
      throws Exception {
    try (RawUpstream admin = RawUpstream.answering("admin");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .rule("chat.example.com", "/public")
                    .to(upstream.address())
                    .rule("chat.example.com", "/admin")
                    .policy(new TestPolicy().deny("127.0.0.0/8").build())
                    .to(admin.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get(target));
      int status = client.readHead().status();
      if (seen.startsWith("/admin")) {
        assertThat(status).isEqualTo(403);
        assertThat(upstream.gotRequest()).isFalse();
      } else {
        assertThat(status).isEqualTo(200);
        assertThat(upstream.request().target()).isEqualTo(seen);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public/..%2fadmin",
        "/public\\admin",
        "/public/x%5c..%5cadmin",
        "/public/..;/admin",
        "/public/%00",
        "/public/%zz",
        "public",
        "/public#fragment"
      })
  void aTargetThatCouldBeReadInTwoWaysGets400(String target) {
    try (TestProxy proxy = TestProxy.start(routes());
        RawClient client = proxy.connect(wire)) {
      client.send(get(target));
      assertThat(client.readHead().status()).isEqualTo(400);
      if (wire != Wire.HTTP2) {
        // Of a connection of streams, the stream alone has ended.
        client.readToEnd();
      }
      assertThat(upstream.gotRequest()).isFalse();
    }
  }

  @Test
  void aHandshakeCarriesTheSameHeaders() throws Exception {
    try (RawUpstream echoing = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(echoing.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          handshake("/", "X-Forwarded-For: 203.0.113.9\r\n", "Cookie: a=b\r\n")
              .replace("Connection: Upgrade", "Connection: Upgrade, X-Forwarded-For"));
      assertThat(client.readHead().status()).isEqualTo(101);
      HttpHead request = echoing.request();
      assertThat(request.all("x-forwarded-for")).containsExactly("127.0.0.1");
      assertThat(request.all("cookie")).containsExactly("a=b");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X-Forwarded-Proto: wss                                | https | 443 | chat.example.com",
        "X-Forwarded-Proto: HTTPS                              | https | 443 | chat.example.com",
        "X-Forwarded-Proto: https, https                       | https | 443 | chat.example.com",
        "X-Forwarded-Proto: https,http                         | https | 443 | chat.example.com",
        "X-Forwarded-Proto: https~X-Forwarded-Proto: http      | https | 443 | chat.example.com",
        "X-Forwarded-Proto: http~X-Forwarded-Proto: https      | http  | 80  | chat.example.com",
        "X-Forwarded-Proto: ~X-Forwarded-Proto: https          | https | 443 | chat.example.com",
        "X-Forwarded-Proto: ws                                 | http  | 80  | chat.example.com",
        "X-Forwarded-Proto: https~X-Forwarded-Port: 8443       | https | 8443 | chat.example.com",
        "X-Forwarded-Proto: https~X-Forwarded-Port: x          | https | 443 | chat.example.com",
        "X-Forwarded-Host: a.example:444~X-Forwarded-Proto: https | https | 444 | a.example:444",
        "X-Forwarded-Host: a.example, b.example~X-Forwarded-Proto: https | https | 443 | a.example",
        "X-Forwarded-Host: a/b~X-Forwarded-Proto: https        | https | 443 | chat.example.com",
        "Forwarded: for=203.0.113.7;proto=https                | https | 443 | chat.example.com",
        "Forwarded: proto=https                                | https | 443 | chat.example.com",
        "Forwarded: For=\"[2001:db8::7]:4711\";Proto=HTTPS;Host=\"a.example:444\" | https | 444 |"
            + " a.example:444",
        "Forwarded: for=1.2.3.4;proto=http, for=203.0.113.7;proto=https | https | 443 |"
            + " chat.example.com",
        "Forwarded: for=1.2.3.4;proto=http~Forwarded: for=203.0.113.7;proto=https | https | 443 |"
            + " chat.example.com",
        "Forwarded: proto=http~X-Forwarded-Proto: https        | https | 443 | chat.example.com",
        "X-Forwarded-Ssl: off~X-Forwarded-Scheme: http~X-Forwarded-Proto: https | https | 443 |"
            + " chat.example.com",
      })
  void allHeadersSayTheSameOfWhatTheClientAsked(
      String claims, String scheme, String port, String host) throws Exception {
    HttpHead request =
        forwarded(
            trusting(ForwardedHeaders.APPEND, "127.0.0.0/8"),
            get("/", claims.replace("~", "\r\n") + "\r\n"));
    assertThat(request.all("x-forwarded-proto")).containsExactly(scheme);
    assertThat(request.all("x-forwarded-port")).containsExactly(port);
    assertThat(request.all("x-forwarded-host")).containsExactly(host);
    String forwarded = String.join(",", request.all("forwarded")).replace("\"", "");
    assertThat(forwarded).containsOnlyOnce("proto=").contains("proto=" + scheme);
    assertThat(forwarded).containsOnlyOnce("host=").contains("host=" + host + ";");
    assertThat(forwarded)
        .contains(
            "for="
                + Objects.requireNonNull(request.first("x-real-ip"))
                    .replace("::7", "::7]")
                    .replace("2001", "[2001"));
    if (request.has("x-forwarded-ssl")) {
      assertThat(request.all("x-forwarded-ssl")).containsExactly("on");
      assertThat(request.all("x-forwarded-scheme")).containsExactly("https");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "X-Forwarded-Ssl, on",
    "Front-End-Https, on",
    "X-Forwarded-Scheme, https",
    "X-Forwarded-Protocol, https",
    "X-Scheme, https",
    "X-Url-Scheme, https"
  })
  void theSchemeInOtherWordsIsTheSame(String name, String told) throws Exception {
    String claims = name + ": nonsense\r\nX-Forwarded-Proto: https\r\n";
    HttpHead trusted =
        forwarded(trusting(ForwardedHeaders.APPEND, "127.0.0.0/8"), get("/", claims));
    assertThat(trusted.all(name.toLowerCase(Locale.ROOT))).containsExactly(told);
    // Whoever isn't trusted says nothing, and it isn't said for them.
    HttpHead others = forwarded(trusting(ForwardedHeaders.APPEND, "10.0.0.0/8"), get("/", claims));
    assertThat(others.all(name.toLowerCase(Locale.ROOT))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=203.0.113.7;proto=https | 203.0.113.7 | 203.0.113.7, 127.0.0.1",
        "for=\"203.0.113.7:80\"      | 203.0.113.7 | 203.0.113.7, 127.0.0.1",
        "for=203.0.113.7:80          | 203.0.113.7 | 203.0.113.7, 127.0.0.1",
        "for=\"[2001:db8::7]\"       | 2001:db8::7 | 2001:db8::7, 127.0.0.1",
        "for=6.6.6.6, for=203.0.113.7, for=10.0.0.1 | 203.0.113.7 | 6.6.6.6, 203.0.113.7, 10.0.0.1,"
            + " 127.0.0.1",
        "for=6.6.6.6, for=_hidden, for=10.0.0.1 | 10.0.0.1 | 6.6.6.6, unknown, 10.0.0.1, 127.0.0.1",
        "for=unknown                 | 127.0.0.1 | unknown, 127.0.0.1",
        "for=6.6.6.6 for=203.0.113.7, for | 127.0.0.1 | 127.0.0.1",
        "for=\"6.6.6.6               | 127.0.0.1 | 127.0.0.1",
        "for=6.6.6.6;for=203.0.113.7 | 127.0.0.1 | 127.0.0.1",
      })
  void forwardedAloneIsBelieved(String field, String client, String chain) throws Exception {
    HttpHead request =
        forwarded(
            trusting(ForwardedHeaders.APPEND, "127.0.0.0/8", "10.0.0.0/8"),
            get("/", "Forwarded: " + field + "\r\n"));
    assertThat(request.all("x-real-ip")).containsExactly(client);
    assertThat(request.all("x-forwarded-for")).containsExactly(chain);
  }

  @Test
  void thePortIsTheOneThatTheClientKnows() throws Exception {
    String asked = get("/").replace("Host: chat.example.com", "Host: chat.example.com:30443");
    assertThat(forwarded(routes(), asked).all("x-forwarded-port")).containsExactly("30443");
    assertThat(forwarded(routes(), get("/")).all("x-forwarded-port"))
        .containsExactly(wire.scheme().equals("https") ? "443" : "80");
  }

  @Test
  void aLongChainIsCutAtItsFarEnd() throws Exception {
    HttpHead request =
        forwarded(
            trusting(ForwardedHeaders.APPEND, "127.0.0.0/8", "10.0.0.0/8"),
            get("/", "X-Forwarded-For: " + "10.0.0.1,".repeat(3000) + "10.0.0.2\r\n"));
    assertThat(Objects.requireNonNull(request.first("x-forwarded-for")).split(", ")).hasSize(65);
    assertThat(request.first("x-forwarded-for")).endsWith("10.0.0.1, 10.0.0.2, 127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X_User", "x_user", "X-USER", "X.User", "X_USER", "X~User"})
  void editsHoldForEveryNameThatAnApplicationTakesForIt(String alias) throws Exception {
    TestPolicy policy =
        new TestPolicy().request(List.of(new Header("X-User", "us")), "x-groups", "x_token");
    HttpHead request =
        forwarded(
            new TestRoutes().all().policy(policy.build()).to(upstream.address()),
            get(
                "/",
                alias + ": evil\r\n",
                alias.replace("User", "Groups").replace("user", "groups").replace("USER", "GROUPS")
                    + ": evil\r\n",
                "X-Token: evil\r\n",
                "X-Username: other\r\n"));
    assertThat(request.text()).doesNotContain("evil");
    assertThat(request.all("x-user")).containsExactly("us");
    assertThat(request.all("x-username")).containsExactly("other");
  }

  @Test
  void trailersPassNoEditBy() {
    TestPolicy policy =
        new TestPolicy().response(List.of(new Header("X-Set", "us")), "x-gone", "x-secret");
    try (RawUpstream answering =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  assertThat(conversation.readChunks().trailers()).isEmpty();
                  conversation.send(
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX_Secret: 1\r\n\r\n"
                          + "2\r\nok\r\n0\r\nX-Sum: 1\r\nX-Gone: 1\r\nx_set: evil\r\n"
                          + "Set-Cookie: a=b\r\nConnection: close\r\n\r\n");
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().policy(policy.build()).to(answering.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          "POST / HTTP/1.1\r\nHost: chat.example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "2\r\nhi\r\n0\r\nX-Groups: admin\r\n\r\n");
      HttpHead answer = client.readHead();
      assertThat(answer.has("x_secret")).isFalse();
      assertThat(answer.all("x-set")).containsExactly("us");
      assertThat(client.readChunks().trailers()).isEqualToIgnoringCase("X-Sum: 1\n");
    }
  }

  @Test
  void aListThatIsNoneEndsTheConnection() {
    assumeTrue(wire.isHttp1(), "there is no such field");
    try (TestProxy proxy = TestProxy.start(routes());
        RawClient client = proxy.connect(wire)) {
      client.send(get("/", "Connection: " + "a,".repeat(15_000) + "a\r\n"));
      assertThat(client.readHead().status()).isEqualTo(400);
      client.readToEnd();
      assertThat(upstream.gotRequest()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/public/group%2Fname", "/public/%2f/q", "/public/a%5Cb?x=%2f"})
  void encodedSlashesPassUnchangedUnlessThePolicyRefusesThem(String target) throws Exception {
    assertThat(forwarded(routes(), get(target)).target()).isEqualTo(target);
    try (TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().with(EncodedSlashes.REJECT).build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(wire);
        RawClient other = proxy.connect(wire)) {
      client.send(get(target));
      assertThat(client.readHead().status()).isEqualTo(400);
      assertThat(proxy.metric("longshore_requests_refused_total{reason=\"target\"}")).isEqualTo(1);
      other.send(get("/public?x=%2f"));
      assertThat(other.readHead().status()).isEqualTo(200);
    }
  }
}
