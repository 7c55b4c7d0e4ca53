package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import dev.longshore.contract.HardLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A signed token (RFC 7519) that a request has to carry.
 *
 * @param issuer what {@code iss} must be; empty: anything
 * @param audiences of which {@code aud} must have one; empty: anything
 * @param algorithms of signatures that are taken (RFC 7518 §3.1), with public keys only
 * @param clockSkew how far the clocks may be apart
 * @param keys the issuer's public keys, a JWK Set (RFC 7517 §5)
 * @param from where the token stands; the first place that has one counts
 * @param claims what it must say beside
 * @param forwardClaims what the upstream is told of it; a client's own fields of the names never
 *     pass
 * @param closeOnExpiry whether a tunnel ends with its token
 */
public record JwtAuth(
    String issuer,
    List<String> audiences,
    List<String> algorithms,
    Duration clockSkew,
    String keys,
    List<TokenSource> from,
    List<RequiredClaim> claims,
    List<ForwardedClaim> forwardClaims,
    boolean closeOnExpiry)
    implements PolicyPart {
  /** No token is asked for. */
  public static final JwtAuth NONE =
      new JwtAuth(
          "", List.of(), List.of(), Duration.ZERO, "", List.of(), List.of(), List.of(), false);

  /** What data planes take. Symmetric ones are none of them, so no public key is ever a secret. */
  public static final List<String> ALGORITHMS =
      List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  private static final int MOST = 16;
  private static final int MOST_VALUES = 64;

  public JwtAuth {
    audiences = List.copyOf(audiences);
    algorithms = List.copyOf(algorithms);
    from = List.copyOf(from);
    claims = List.copyOf(claims);
    forwardClaims = List.copyOf(forwardClaims);
  }

  /**
   * A place where a token may stand.
   *
   * @param type what kind of place
   * @param name of the header, cookie or parameter, or the subprotocol behind which it is offered
   */
  public record TokenSource(Type type, String name) {
    /** Kinds of places. */
    public enum Type {
      /** The value behind the scheme Bearer, or the whole value. */
      HEADER,
      COOKIE,
      /** Taken away before the upstream sees it. */
      QUERY,
      /** The offer behind the one of that name; both are taken away. */
      SUBPROTOCOL
    }
  }

  /**
   * A claim that a token must have.
   *
   * @param name of the claim, or a path to it with dots
   * @param values of which it must be one, or have one; empty: whatever it says
   */
  public record RequiredClaim(String name, List<String> values) {
    public RequiredClaim {
      values = List.copyOf(values);
    }
  }

  /**
   * A claim that the upstream is told.
   *
   * @param claim its name, or a path to it with dots
   * @param header in lower case
   */
  public record ForwardedClaim(String claim, String header) {}

  @Override
  public void check(Field at) {
    at.at("audiences").atMost(audiences, MOST);
    at.at("algorithms").atMost(algorithms, MOST);
    if (algorithms.isEmpty()) {
      at.at("algorithms").wrong("is empty: no token could be taken");
    }
    for (int i = 0; i < algorithms.size(); i++) {
      if (!ALGORITHMS.contains(algorithms.get(i))) {
        at.at("algorithms")
            .at(i)
            .mustBe("one of " + String.join(", ", ALGORITHMS), algorithms.get(i));
      }
    }
    at.at("clockSkew").duration(clockSkew);
    int bytes = keys.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > HardLimits.JWKS_BYTES) {
      at.at("keys").wrong("has " + bytes + " bytes; must be 1 to " + HardLimits.JWKS_BYTES);
    }
    at.at("from").atMost(from, MOST);
    if (from.isEmpty()) {
      at.at("from").wrong("is empty: no token could be found");
    }
    for (int i = 0; i < from.size(); i++) {
      at.at("from").at(i).at("name").token(from.get(i).name());
    }
    at.at("claims").atMost(claims, MOST);
    for (int i = 0; i < claims.size(); i++) {
      at.at("claims").at(i).at("values").atMost(claims.get(i).values(), MOST_VALUES);
    }
    at.at("forwardClaims").atMost(forwardClaims, MOST);
    for (int i = 0; i < forwardClaims.size(); i++) {
      at.at("forwardClaims").at(i).at("header").headerName(forwardClaims.get(i).header());
      at.at("forwardClaims").at(i).at("header").lowerCase(forwardClaims.get(i).header());
    }
  }
}
