package dev.longshore.proxy.drain;

import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Secret;
import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.JwtAuth;
import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import dev.longshore.contract.policy.JwtAuth.TokenSource;
import dev.longshore.contract.policy.PolicyPart;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.jwt.Issuer;
import dev.longshore.proxy.testing.Carriers;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A change of who may come closes those who might not any more, and nobody else. */
@ParameterizedClass
@EnumSource(
    value = Carriers.class,
    names = {"CLEAR", "STREAM"})
@Timeout(60)
class TightenedAuthTest {
  private static final Issuer ISSUER = new Issuer();
  private static final TokenSource HEADER =
      new TokenSource(TokenSource.Type.HEADER, "authorization");
  private static final TokenSource QUERY = new TokenSource(TokenSource.Type.QUERY, "token");
  private static final String HASH = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";

  private final Carriers carriers;
  private RawUpstream upstream;
  private RawUpstream service;

  TightenedAuthTest(Carriers carriers) {
    this.carriers = carriers;
  }

  @BeforeEach
  void start() {
    upstream = carriers.upstream(RawUpstream.ECHO);
    service = RawUpstream.answering("ok");
  }

  @AfterEach
  void stop() {
    upstream.close();
    service.close();
  }

  private TestRoutes routes(PolicyPart... parts) {
    TestRoutes routes = new TestRoutes();
    routes.pool("auth", null, service.address());
    TestPolicy policy = new TestPolicy().draining(Duration.ZERO, OnChange.KEEP, OnChange.CLOSE);
    for (PolicyPart part : parts) {
      policy.with(part);
    }
    return carriers.rule(routes.all().policy(policy.build())).to(upstream.address());
  }

  private static JwtAuth anybody() {
    return with("", List.of(), ISSUER.keys(), HEADER, QUERY);
  }

  private static JwtAuth with(
      String issuer, List<String> audiences, String keys, TokenSource... from) {
    return new JwtAuth(
        issuer,
        audiences,
        JwtAuth.ALGORITHMS,
        Duration.ofSeconds(60),
        keys,
        List.of(from),
        List.of(),
        List.of(),
        true);
  }

  private static JwtAuth by(String issuer) {
    return with(issuer, List.of(), ISSUER.keys(), HEADER, QUERY);
  }

  private static String keysOf(JWK... keys) {
    return new JWKSet(List.of(keys)).toString(true);
  }

  private static Instant later() {
    return Instant.now().plusSeconds(600);
  }

  private static String bearer(String token) {
    return handshake("/", "Authorization: Bearer " + token + "\r\n");
  }

  private static String jane() {
    return bearer(
        ISSUER.signed(
            Issuer.header(JWSAlgorithm.ES256),
            Issuer.claims(later()).claim("scope", "read chat").build()));
  }

  private static String basic(String name) {
    byte[] pair = (name + ":password").getBytes(StandardCharsets.UTF_8);
    return handshake(
        "/", "Authorization: Basic " + Base64.getEncoder().encodeToString(pair) + "\r\n");
  }

  private static BasicAuth users(String... names) {
    return new BasicAuth("chat", new Secret(String.join(":" + HASH + "\n", names) + ":" + HASH));
  }

  private static ExternalAuth external(String path, Duration recheck) {
    return new ExternalAuth(
        new PoolKey("WebSocketRoute", "test", "route", "auth"),
        "auth.test.svc",
        path,
        Duration.ofSeconds(2),
        List.of(),
        List.of(),
        false,
        List.of(),
        Duration.ZERO,
        recheck,
        recheck);
  }

  /**
   * Opens them, applies what is to hold then, and sees who is closed.
   *
   * @param stays requests of those who would still be let in
   * @param goes requests of those who would not
   */
  private void change(TestRoutes before, TestRoutes after, List<String> stays, List<String> goes)
      throws Exception {
    try (TestProxy proxy = TestProxy.start(before)) {
      List<RawClient> closed = new ArrayList<>();
      List<RawClient> kept = new ArrayList<>();
      try {
        open(proxy, goes, closed);
        open(proxy, stays, kept);
        proxy.apply(after);
        for (RawClient client : closed) {
          assertThat(client.read(4)).as("Close 1008").isEqualTo("\u0088\u0002\u0003\u00f0");
        }
        for (RawClient client : kept) {
          client.send(message("a"));
          assertThat(client.read(message("a").length())).isEqualTo(message("a"));
        }
        assertThat(proxy.metric("longshore_tunnels_ended_total{reason=\"policy\"}"))
            .isLessThanOrEqualTo(goes.size());
        assertThat(proxy.page("/connections")).doesNotContain("eyJ").doesNotContain("password");
      } finally {
        closed.forEach(RawClient::close);
        kept.forEach(RawClient::close);
      }
    }
  }

  private void open(TestProxy proxy, List<String> requests, List<RawClient> into) {
    for (String request : requests) {
      RawClient client = proxy.connect(carriers.wire());
      into.add(client);
      assertThat(client.send(request).readHead().status()).isEqualTo(101);
      // What is behind the answer is established.
      client.send(message("a"));
      assertThat(client.read(message("a").length())).isEqualTo(message("a"));
    }
  }

  @Test
  void aClaimIsRequired() throws Exception {
    change(
        routes(anybody()),
        routes(Issuer.requiring(anybody(), new RequiredClaim("scope", List.of("chat")))),
        List.of(jane()),
        List.of(bearer(ISSUER.token(later()))));
  }

  @Test
  void aKeyIsTakenOutOfTheSet() throws Exception {
    String rsa = ISSUER.signed(Issuer.header(JWSAlgorithm.RS256), Issuer.claims(later()).build());
    change(
        routes(anybody()),
        routes(with("", List.of(), keysOf(ISSUER.ec.toPublicJWK()), HEADER)),
        List.of(jane()),
        List.of(bearer(rsa)));
    change(
        routes(anybody()),
        routes(Issuer.taking(anybody(), "ES256")),
        List.of(jane()),
        List.of(bearer(rsa)));
  }

  @Test
  void anotherIssuerAudienceOrPlaceIsWanted() throws Exception {
    String stranger =
        ISSUER.signed(
            Issuer.header(JWSAlgorithm.ES256),
            Issuer.claims(later()).issuer("https://other.example").audience("shop").build());
    change(routes(anybody()), routes(by(Issuer.NAME)), List.of(jane()), List.of(bearer(stranger)));
    change(
        routes(anybody()),
        routes(with("", List.of("chat"), ISSUER.keys(), HEADER)),
        List.of(jane()),
        List.of(bearer(stranger), handshake("/?token=" + ISSUER.token(later()))));
  }

  @Test
  void aUserIsTakenOutOfTheList() throws Exception {
    change(
        routes(users("jane", "eve")),
        routes(users("joe", "jane")),
        List.of(basic("jane")),
        List.of(basic("eve")));
  }

  @Test
  void whoCameWithoutBeingAskedIsNobody() throws Exception {
    for (PolicyPart part : List.of(anybody(), users("jane"), external("/check", Duration.ZERO))) {
      change(routes(), routes(part), List.of(), List.of(jane(), basic("jane")));
    }
  }

  @Test
  void anotherServiceHasNotSaidThatTheyMayCome() throws Exception {
    change(
        routes(external("/check", Duration.ZERO)),
        routes(external("/other", Duration.ZERO)),
        List.of(),
        List.of(handshake("/")));
  }

  @Test
  void whatDoesNotConcernThemClosesNobody() throws Exception {
    change(
        routes(external("/check", Duration.ZERO)),
        routes(external("/check", Duration.ofMinutes(5))),
        List.of(handshake("/")),
        List.of());
    change(
        routes(by(Issuer.NAME)),
        routes(with(Issuer.NAME, List.of("games", "chat"), ISSUER.keys(), QUERY, HEADER)),
        List.of(jane()),
        List.of());
    change(routes(by(Issuer.NAME)), routes(), List.of(jane()), List.of());
  }
}
