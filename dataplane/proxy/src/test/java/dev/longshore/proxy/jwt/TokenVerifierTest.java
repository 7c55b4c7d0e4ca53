package dev.longshore.proxy.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that hold, and the ways of RFC 8725 in which others look as if they did. */
class TokenVerifierTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(600);
  private static final Issuer ISSUER = new Issuer();
  private static final Issuer STRANGER = new Issuer();

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final TokenVerifier verifier = new TokenVerifier(ISSUER.auth(), now::get);

  private void assertBad(String token, String why) {
    assertThat(verifier.verify(token))
        .isInstanceOfSatisfying(TokenVerdict.Bad.class, bad -> assertThat(bad.why()).contains(why));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS512", "PS256", "ES256"})
  void aTokenHoldsAndSaysWhoItIs(String algorithm) {
    String token =
        ISSUER.signed(Issuer.header(JWSAlgorithm.parse(algorithm)), Issuer.claims(LATER).build());
    TokenVerdict found = verifier.verify(token);
    assertThat(found)
        .isInstanceOfSatisfying(
            TokenVerdict.Good.class,
            good -> {
              assertThat(good.expiry()).isEqualTo(LATER.getEpochSecond());
              assertThat(good.begin()).isEqualTo(Long.MIN_VALUE);
              assertThat(good.forwarded()).containsExactly("jane");
            });
    assertThat(verifier.verify(token)).as("the second time").isSameAs(found);
  }

  @Test
  void timesCountWithTheSkew() {
    String token =
        ISSUER.signed(
            Issuer.header(JWSAlgorithm.ES256),
            Issuer.claims(LATER).notBeforeTime(Date.from(NOW.plusSeconds(100))).build());
    assertBad(token, "not hold yet");
    now.set(NOW.plusSeconds(40));
    assertThat(verifier.verify(token)).isInstanceOf(TokenVerdict.Good.class);
    now.set(LATER.plusSeconds(59));
    assertThat(verifier.verify(token)).isInstanceOf(TokenVerdict.Good.class);
    now.set(LATER.plusSeconds(60));
    assertBad(token, "expired");
    assertBad(ISSUER.token(LATER), "expired");
  }

  @Test
  void nobodyElsesTokenIsTaken() {
    JWSHeader.Builder header = Issuer.header(JWSAlgorithm.ES256);
    assertBad(
        ISSUER.signed(header, Issuer.claims(LATER).issuer("https://evil.example").build()),
        "issuer");
    assertBad(ISSUER.signed(header, Issuer.claims(LATER).issuer(null).build()), "issuer");
    assertBad(ISSUER.signed(header, Issuer.claims(LATER).audience("shop").build()), "audience");
    assertBad(
        ISSUER.signed(header, Issuer.claims(LATER).audience((String) null).build()), "audience");
    assertBad(STRANGER.token(LATER), "no key");
    assertBad(
        ISSUER.signed(
            new JWSHeader.Builder(JWSAlgorithm.ES256).type(new JOSEObjectType("dpop+jwt")),
            Issuer.claims(LATER).build()),
        "type");
  }

  /** RFC 8725 §2.1. */
  @Test
  void whatIsNotSignedIsNoToken() {
    assertBad(new PlainJWT(Issuer.claims(LATER).build()).serialize(), "not a signed token");
    String token = ISSUER.token(LATER);
    assertBad(token.substring(0, token.lastIndexOf('.') + 1), "");
    assertBad(token.substring(0, token.length() - 6) + "AAAAAA", "no key");
  }

  /** RFC 8725 §2.1: a public key is no secret. */
  @Test
  void aPublicKeyIsNeverTakenForASecret() throws JOSEException {
    for (byte[] secret :
        List.of(
            ISSUER.rsa.toRSAPublicKey().getEncoded(),
            ISSUER.keys().getBytes(StandardCharsets.UTF_8),
            ISSUER.rsa.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(),
              Issuer.claims(LATER).build());
      jwt.sign(new MACSigner(secret));
      assertBad(jwt.serialize(), "algorithm");
    }
  }

  @Test
  void onlyAlgorithmsThatAreSaidAreTaken() {
    TokenVerifier strict = new TokenVerifier(Issuer.taking(ISSUER.auth(), "RS256"), now::get);
    assertThat(strict.verify(ISSUER.token(LATER)))
        .isEqualTo(new TokenVerdict.Bad("its algorithm is not taken here"));
  }

  /** RFC 8725 §3.10: a token doesn't bring the key that it is verified with. */
  @Test
  void keysOfTheTokenAreNotLookedAt() throws JOSEException {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .jwk(STRANGER.ec.toPublicJWK())
            .jwkURL(URI.create("http://169.254.169.254/"))
            .x509CertURL(URI.create("http://169.254.169.254/"))
            .build();
    SignedJWT jwt = new SignedJWT(header, Issuer.claims(LATER).build());
    jwt.sign(new ECDSASigner(STRANGER.ec));
    assertBad(jwt.serialize(), "no key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc/passwd", "' OR 1=1 --", "rsa", "\u0000"})
  void aKeysNameIsComparedAndNothingElse(String name) {
    assertBad(
        ISSUER.signed(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(name), Issuer.claims(LATER).build()),
        "no key");
  }

  @Test
  void aTokenWithoutTheNameOfAKeyIsTriedWithThoseOfItsType() {
    assertThat(
            verifier.verify(
                ISSUER.signed(
                    new JWSHeader.Builder(JWSAlgorithm.ES256), Issuer.claims(LATER).build())))
        .isInstanceOf(TokenVerdict.Good.class);
  }

  @Test
  void extensionsThatMustBeUnderstoodAreNot() {
    assertBad(
        ISSUER.signed(
            Issuer.header(JWSAlgorithm.RS256)
                .criticalParams(Set.of("exp"))
                .customParam("exp", 1_900_000_000L),
            Issuer.claims(LATER).build()),
        "extension");
  }

  @Test
  void encryptedNestedAndOversizedTokensAreNone() throws JOSEException {
    EncryptedJWT encrypted =
        new EncryptedJWT(
            new JWEHeader(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A128GCM),
            Issuer.claims(LATER).build());
    encrypted.encrypt(new RSAEncrypter(ISSUER.rsa.toRSAPublicKey()));
    assertBad(encrypted.serialize(), "not a signed token");
    JWSObject nested =
        new JWSObject(
            Issuer.header(JWSAlgorithm.ES256).contentType("JWT").build(),
            new Payload(ISSUER.token(LATER)));
    nested.sign(new ECDSASigner(ISSUER.ec));
    assertBad(nested.serialize(), "not a signed token");
    assertBad("a".repeat(HardLimits.TOKEN_CHARS + 1), "longer than");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"iss\":\"https://id.example.com\",\"aud\":{\"chat\":1},\"exp\":1900000000}",
        "{\"iss\":\"https://id.example.com\",\"aud\":\"chat\",\"exp\":\"soon\"}",
        "{\"iss\":[\"https://id.example.com\"],\"aud\":\"chat\"}",
        "[]",
        "null",
        "not json",
      })
  void claimsOfAnotherTypeAreNoClaims(String payload) throws JOSEException {
    JWSObject object =
        new JWSObject(Issuer.header(JWSAlgorithm.ES256).build(), new Payload(payload));
    object.sign(new ECDSASigner(ISSUER.ec));
    assertThat(verifier.verify(object.serialize())).isInstanceOf(TokenVerdict.Bad.class);
  }

  @Test
  void whatIsRequiredIsInTheTokenOrItIsInsufficient() {
    JWTClaimsSet claims =
        Issuer.claims(LATER)
            .claim("scope", "read chat:write")
            .claim("realm_access", Map.of("roles", List.of("admin", "user")))
            .claim("level", 3)
            .build();
    String token = ISSUER.signed(Issuer.header(JWSAlgorithm.ES256), claims);
    for (RequiredClaim held :
        List.of(
            new RequiredClaim("scope", List.of("chat:write")),
            new RequiredClaim("realm_access.roles", List.of("root", "admin")),
            new RequiredClaim("level", List.of("3")),
            new RequiredClaim("sub", List.of()))) {
      assertThat(verifierOf(held).verify(token))
          .as("%s", held)
          .isInstanceOf(TokenVerdict.Good.class);
    }
    for (RequiredClaim lacking :
        List.of(
            new RequiredClaim("scope", List.of("write")),
            new RequiredClaim("realm_access.roles", List.of("adm")),
            new RequiredClaim("realm_access.roles.admin", List.of()),
            new RequiredClaim("groups", List.of()))) {
      assertThat(verifierOf(lacking).verify(token))
          .isEqualTo(new TokenVerdict.Insufficient(lacking.name()));
    }
  }

  /** What is required of a token, and what is kept of it, are read in two ways that agree. */
  @Test
  void whatIsKeptOfATokenSaysWhatItSays() {
    Map<String, Object> inner = Map.of("b", Map.of("c", List.of(1, true)), "d.e", "x");
    JWTClaimsSet claims =
        Issuer.claims(LATER)
            .claim("scope", "read chat:write")
            .claim("a", inner)
            .claim("a.b.d", "whole")
            .claim("https://x.example/roles", List.of("admin"))
            .claim("level", 3)
            .build();
    String token = ISSUER.signed(Issuer.header(JWSAlgorithm.ES256), claims);
    TokenVerdict.Good good = (TokenVerdict.Good) verifier.verify(token);
    for (String name :
        List.of(
            "sub",
            "scope",
            "a",
            "a.b",
            "a.b.c",
            "a.b.d",
            "a.d.e",
            "a.d",
            "level",
            "level.x",
            "https://x.example/roles",
            "https://x",
            "groups",
            "exp",
            "aud",
            "")) {
      for (List<String> values :
          List.of(
              List.<String>of(),
              List.of("jane"),
              List.of("read"),
              List.of("chat:write", "no"),
              List.of("read chat:write"),
              List.of("1"),
              List.of("true"),
              List.of("whole"),
              List.of("admin"),
              List.of("3"),
              List.of("x"),
              List.of("chat"),
              List.of(""))) {
        TokenVerifier asked = verifierOf(new RequiredClaim(name, values));
        assertThat(asked.admitsStill(good.facts()))
            .as("%s %s", name, values)
            .isEqualTo(asked.verify(token) instanceof TokenVerdict.Good);
      }
    }
    assertThat(good.facts().toString()).isEqualTo("TokenFacts");
  }

  @Test
  void aTokenThatHasEndedSinceIsNoneUnlessTunnelsOutliveTheirs() {
    TokenVerdict.Good good = (TokenVerdict.Good) verifier.verify(ISSUER.token(LATER));
    now.set(LATER.plusSeconds(59));
    assertThat(verifier.admitsStill(good.facts())).isTrue();
    now.set(LATER.plusSeconds(60));
    assertThat(verifier.admitsStill(good.facts())).isFalse();
  }

  private TokenVerifier verifierOf(RequiredClaim claim) {
    return new TokenVerifier(Issuer.requiring(ISSUER.auth(), claim), now::get);
  }

  @Test
  void whatCantStandInAHeaderIsNotTold() {
    for (String subject : List.of("jane\r\nX-Admin: 1", "j\u00e4ne", "x".repeat(2000))) {
      assertThat(
              verifier.verify(
                  ISSUER.signed(
                      Issuer.header(JWSAlgorithm.ES256),
                      Issuer.claims(LATER).subject(subject).build())))
          .isInstanceOfSatisfying(
              TokenVerdict.Good.class, good -> assertThat(good.forwarded()).containsExactly(""));
    }
  }
}
