package dev.longshore.proxy.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.JwtAuth;
import dev.longshore.proxy.proof.Fingerprint;
import dev.longshore.proxy.proof.TokenFacts;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the tokens of one policy (RFC 8725 is the list of what can go wrong). Keys are the
 * policy's alone: what a header says of others ({@code jwk}, {@code jku}, {@code x5u}, {@code x5c})
 * is not read, and {@code kid} is compared and nothing else. An algorithm goes with its own type of
 * key, so that a public key is never taken for a secret. What costs least comes first; the
 * signature is last. Thread-safe.
 */
public final class TokenVerifier {
  /** RFC 7519 §5.1, RFC 9068 §2.1. A type that is something else is somebody else's token. */
  private static final Set<JOSEObjectType> TYPES =
      Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"));

  /** A token that doesn't say which key it is of is no reason to compute with all of them. */
  private static final int MOST_TRIED = 4;

  private static final TokenVerdict NO_TOKEN = new TokenVerdict.Bad("it is not a signed token");

  private final JwtAuth auth;
  private final InstantSource clock;
  private final Set<String> algorithms;
  private final List<Key> keys;
  private final TokenCache cache = new TokenCache(HardLimits.TOKENS_REMEMBERED);

  /** A key and who verifies with it: made once, for that costs more than its use. */
  private record Key(JWK jwk, JWSVerifier verifier, long print, long name) {
    static Key of(JWK jwk, JWSVerifier verifier) throws JOSEException {
      String id = jwk.getKeyID();
      return new Key(
          jwk,
          verifier,
          Fingerprint.of(jwk.computeThumbprint().toString()),
          id == null ? TokenFacts.NONE : Fingerprint.of(id));
    }

    boolean goesWith(TokenFacts facts) {
      return facts.key() == print
          && (facts.keyName() == TokenFacts.NONE
              || name == TokenFacts.NONE
              || facts.keyName() == name)
          && (jwk.getAlgorithm() == null || jwk.getAlgorithm().getName().equals(facts.algorithm()));
    }

    boolean goesWith(JWSHeader header) {
      String id = header.getKeyID();
      return (id == null || jwk.getKeyID() == null || id.equals(jwk.getKeyID()))
          && (jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(header.getAlgorithm()))
          && verifier.supportedJWSAlgorithms().contains(header.getAlgorithm());
    }
  }

  /**
   * Prepares the keys of a policy.
   *
   * @throws IllegalArgumentException if they can't be read; the message names the part
   */
  public TokenVerifier(JwtAuth auth, InstantSource clock) {
    this.auth = auth;
    this.clock = clock;
    this.algorithms = Set.copyOf(auth.algorithms());
    List<Key> read = new ArrayList<>();
    try {
      for (JWK jwk : JWKSet.parse(auth.keys()).getKeys()) {
        JWSVerifier verifier = KeyUse.ENCRYPTION.equals(jwk.getKeyUse()) ? null : verifier(jwk);
        if (verifier != null) {
          read.add(Key.of(jwk, verifier));
        }
      }
    } catch (ParseException | JOSEException e) {
      throw new IllegalArgumentException("jwtAuth.keys can't be read", e);
    }
    this.keys = List.copyOf(read);
  }

  private static @Nullable JWSVerifier verifier(JWK jwk) throws JOSEException {
    return switch (jwk) {
      case RSAKey rsa -> new RSASSAVerifier(rsa.toRSAPublicKey());
      // Another curve has no algorithm among those of the contract.
      case ECKey ec
          when Curve.forJWSAlgorithm(JWSAlgorithm.ES256).contains(ec.getCurve())
              || Curve.forJWSAlgorithm(JWSAlgorithm.ES384).contains(ec.getCurve())
              || Curve.forJWSAlgorithm(JWSAlgorithm.ES512).contains(ec.getCurve()) ->
          new ECDSAVerifier(ec.toECPublicKey());
      default -> null;
    };
  }

  /** What is found of a token, which is kept nowhere. */
  public TokenVerdict verify(String token) {
    if (token.length() > HardLimits.TOKEN_CHARS) {
      return new TokenVerdict.Bad("it is longer than " + HardLimits.TOKEN_CHARS + " characters");
    }
    TokenCache.Key key = cache.keyOf(token);
    TokenVerdict.Good known = cache.get(key);
    TokenVerdict verdict = known == null ? read(token) : known;
    if (!(verdict instanceof TokenVerdict.Good good)) {
      return verdict;
    }
    TokenVerdict.Bad untimely = untimely(good.begin(), good.expiry());
    if (untimely != null) {
      return untimely;
    }
    if (known == null) {
      cache.put(key, good);
    }
    return good;
  }

  private TokenVerdict.@Nullable Bad untimely(long begin, long expiry) {
    long now = clock.instant().getEpochSecond();
    long skew = auth.clockSkew().toSeconds();
    if (expiry != Long.MAX_VALUE && now - skew >= expiry) {
      return new TokenVerdict.Bad("it has expired");
    }
    return begin != Long.MIN_VALUE && now + skew < begin
        ? new TokenVerdict.Bad("it does not hold yet")
        : null;
  }

  private TokenVerdict read(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JWSHeader header = jwt.getHeader();
      if (!algorithms.contains(header.getAlgorithm().getName())) {
        return new TokenVerdict.Bad("its algorithm is not taken here");
      }
      if (header.getType() != null && !TYPES.contains(header.getType())) {
        return new TokenVerdict.Bad("its type is not that of a token");
      }
      // Of extensions that must be understood (RFC 7515 §4.1.11) none is.
      if (header.getCriticalParams() != null || !header.isBase64URLEncodePayload()) {
        return new TokenVerdict.Bad("it needs an extension that is not known");
      }
      return read(jwt, header);
    } catch (ParseException | RuntimeException e) {
      return NO_TOKEN;
    }
  }

  private TokenVerdict read(SignedJWT jwt, JWSHeader header) throws ParseException {
    JWTClaimsSet claims = jwt.getJWTClaimsSet();
    if (!auth.issuer().isEmpty() && !auth.issuer().equals(claims.getIssuer())) {
      return new TokenVerdict.Bad("its issuer is another");
    }
    if (!auth.audiences().isEmpty()
        && claims.getAudience().stream().noneMatch(auth.audiences()::contains)) {
      return new TokenVerdict.Bad("it is for another audience");
    }
    long begin = seconds(claims.getNotBeforeTime(), Long.MIN_VALUE);
    long expiry = seconds(claims.getExpirationTime(), Long.MAX_VALUE);
    TokenVerdict.Bad untimely = untimely(begin, expiry);
    if (untimely != null) {
      return untimely;
    }
    Key signer = signer(jwt, header);
    if (signer == null) {
      return new TokenVerdict.Bad("no key of the issuer has signed it");
    }
    Map<String, Object> all = claims.toJSONObject();
    for (JwtAuth.RequiredClaim required : auth.claims()) {
      if (!ClaimValues.satisfies(all, required)) {
        return new TokenVerdict.Insufficient(required.name());
      }
    }
    return new TokenVerdict.Good(
        expiry,
        begin,
        auth.forwardClaims().stream().map(told -> ClaimValues.text(all, told.claim())).toList(),
        facts(claims, header, signer, expiry));
  }

  private static TokenFacts facts(JWTClaimsSet claims, JWSHeader header, Key signer, long expiry) {
    String id = header.getKeyID();
    String issuer = claims.getIssuer();
    return new TokenFacts(
        header.getAlgorithm().getName(),
        signer.print(),
        id == null ? TokenFacts.NONE : Fingerprint.of(id),
        issuer == null ? TokenFacts.NONE : Fingerprint.of(issuer),
        expiry,
        claims.getAudience().stream().map(Fingerprint::of).toList(),
        ClaimValues.prints(claims.toJSONObject()));
  }

  /**
   * Whether a token that was taken once, maybe by another policy, would be taken by this one. Where
   * tunnels may outlive their tokens, its end doesn't count.
   */
  public boolean admitsStill(TokenFacts facts) {
    return algorithms.contains(facts.algorithm())
        && keys.stream().anyMatch(key -> key.goesWith(facts))
        && (auth.issuer().isEmpty() || facts.isBy(auth.issuer()))
        && (auth.audiences().isEmpty() || facts.isForOneOf(auth.audiences()))
        && auth.claims().stream().allMatch(facts::says)
        && (!auth.closeOnExpiry() || untimely(Long.MIN_VALUE, facts.expiry()) == null);
  }

  private static long seconds(@Nullable Date time, long never) {
    return time == null ? never : Math.floorDiv(time.getTime(), 1000);
  }

  private @Nullable Key signer(SignedJWT jwt, JWSHeader header) {
    int tried = 0;
    for (Key key : keys) {
      if (!key.goesWith(header)) {
        continue;
      }
      if (tried++ == MOST_TRIED) {
        return null;
      }
      try {
        if (jwt.verify(key.verifier())) {
          return key;
        }
      } catch (JOSEException | IllegalStateException e) {
        // A signature that is none; another key may still be the right one.
      }
    }
    return null;
  }
}
