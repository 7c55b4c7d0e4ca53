package dev.longshore.proxy.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.longshore.contract.policy.JwtAuth;
import dev.longshore.contract.policy.JwtAuth.ForwardedClaim;
import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import dev.longshore.contract.policy.JwtAuth.TokenSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/** Who makes tokens, with a key of each kind. */
public final class Issuer {
  public static final String NAME = "https://id.example.com";

  public final RSAKey rsa;
  public final ECKey ec;

  public Issuer() {
    try {
      rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
      ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public String keys() {
    return new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK())).toString(true);
  }

  public JwtAuth auth(TokenSource... from) {
    return new JwtAuth(
        NAME,
        List.of("chat", "games"),
        JwtAuth.ALGORITHMS,
        Duration.ofSeconds(60),
        keys(),
        List.of(from),
        List.of(),
        List.of(new ForwardedClaim("sub", "x-user")),
        true);
  }

  public static JwtAuth requiring(JwtAuth auth, RequiredClaim... claims) {
    return new JwtAuth(
        auth.issuer(),
        auth.audiences(),
        auth.algorithms(),
        auth.clockSkew(),
        auth.keys(),
        auth.from(),
        List.of(claims),
        auth.forwardClaims(),
        auth.closeOnExpiry());
  }

  public static JwtAuth taking(JwtAuth auth, String... algorithms) {
    return new JwtAuth(
        auth.issuer(),
        auth.audiences(),
        List.of(algorithms),
        auth.clockSkew(),
        auth.keys(),
        auth.from(),
        auth.claims(),
        auth.forwardClaims(),
        auth.closeOnExpiry());
  }

  /** What a good token says. */
  public static JWTClaimsSet.Builder claims(Instant expiry) {
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .audience(List.of("chat", "other"))
        .subject("jane")
        .expirationTime(Date.from(expiry));
  }

  public String token(Instant expiry) {
    return signed(header(JWSAlgorithm.ES256), claims(expiry).build());
  }

  public static JWSHeader.Builder header(JWSAlgorithm algorithm) {
    return new JWSHeader.Builder(algorithm)
        .keyID(JWSAlgorithm.Family.EC.contains(algorithm) ? "ec" : "rsa");
  }

  public String signed(JWSHeader.Builder header, JWTClaimsSet claims) {
    return signed(header.build(), claims);
  }

  String signed(JWSHeader header, JWTClaimsSet claims) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(
          JWSAlgorithm.Family.EC.contains(header.getAlgorithm())
              ? new ECDSASigner(ec)
              : new RSASSASigner(rsa));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }
}
