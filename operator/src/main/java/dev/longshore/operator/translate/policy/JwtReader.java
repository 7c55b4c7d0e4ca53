package dev.longshore.operator.translate.policy;

import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.Auth.Jwt;
import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.JwtAuth;
import dev.longshore.contract.policy.JwtAuth.ForwardedClaim;
import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import dev.longshore.contract.policy.JwtAuth.TokenSource;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The token that a request has to carry. It is one leaf: half of another layer's words about
 * another issuer would be nobody's policy. Whatever is wrong closes the rules.
 */
final class JwtReader implements PartReader {
  /** The entry that holds a JWK Set. */
  static final String ENTRY = "jwks.json";

  private static final Duration SKEW = Duration.ofSeconds(60);
  private static final Duration LONGEST_SKEW = Duration.ofMinutes(10);
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST = 16;

  /** Stands for an annotation's text: no issuer is called so. */
  private static final Jwt OF_ANNOTATION =
      new Jwt("\u0000", null, null, null, null, null, null, null, null);

  private static final Leaf<Jwt, Jwt> JWT =
      Leaf.closing(
          "auth.jwt",
          "auth-jwt",
          Leaf.Getter.in(Policy::auth, Auth::jwt),
          new Unread(),
          OF_ANNOTATION);

  /** What is read with the ConfigMap or Secret that it names; as an annotation it isn't served. */
  private static final class Unread implements Form<Jwt, Jwt> {
    @Override
    public Jwt ofText(String text) {
      return OF_ANNOTATION;
    }

    @Override
    public Jwt read(Jwt value, String path, Problems problems) {
      throw new UnsupportedValueException();
    }

    @Override
    public String accepts() {
      return "not served yet: `UnsupportedValue`, the rules answer 503; write a WebSocketRoute";
    }
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(JWT);
  }

  @Override
  public @Nullable JwtAuth read(Reading in) {
    Stated<Jwt> stated = in.highest(JWT);
    if (stated == null) {
      return null;
    }
    if (OF_ANNOTATION.equals(stated.value())) {
      in.get(JWT);
      return null;
    }
    return read(in, stated.value(), stated.path(), stated.isOwn());
  }

  private static @Nullable JwtAuth read(Reading in, Jwt jwt, String path, boolean own) {
    Problems problems = in.problems();
    SecretLookup lookup = in.secrets();
    if (!own || lookup == null) {
      problems.fault(
          Reason.NOT_ALLOWED,
          path,
          "its keys belong to a namespace, and a LongshoreConfig to none: write it in the routes");
      return null;
    }
    List<String> algorithms = algorithms(jwt, path, problems);
    String keys = keys(jwt.jwks(), lookup, path + ".jwks", problems);
    String skewText = jwt.clockSkew();
    Duration skew =
        skewText == null
            ? SKEW
            : problems.parse(
                path + ".clockSkew",
                () -> GatewayDurations.parse(skewText, Duration.ZERO, LONGEST_SKEW));
    List<TokenSource> from = from(jwt, path, problems);
    List<RequiredClaim> claims = claims(jwt, path, problems);
    List<ForwardedClaim> forwarded = forwarded(jwt, path, problems);
    return keys == null || skew == null
        ? null
        : new JwtAuth(
            Objects.requireNonNullElse(jwt.issuer(), ""),
            Objects.requireNonNullElse(jwt.audiences(), List.of()),
            algorithms,
            skew,
            keys,
            from,
            claims,
            forwarded,
            jwt.onExpiry() != Auth.OnExpiry.KEEP);
  }

  /** Absent: all that there are, for each goes with its own type of key. */
  private static List<String> algorithms(Jwt jwt, String path, Problems problems) {
    if (jwt.algorithms() == null) {
      return JwtAuth.ALGORITHMS;
    }
    List<String> algorithms = new ArrayList<>();
    for (int i = 0; i < jwt.algorithms().size(); i++) {
      Auth.Algorithm algorithm = jwt.algorithms().get(i);
      if (algorithm == Auth.Algorithm.ED_DSA) {
        problems.fault(
            Reason.UNSUPPORTED_VALUE,
            path + ".algorithms[" + i + "]",
            "EdDSA is not served yet: write "
                + String.join(", ", JwtAuth.ALGORITHMS)
                + ", or some of them");
      } else {
        algorithms.add(algorithm.name());
      }
    }
    if (algorithms.isEmpty() && !problems.hasFault()) {
      problems.fault(Reason.INVALID, path + ".algorithms", "is empty: no token could be taken");
    }
    return algorithms;
  }

  private static @Nullable String keys(
      @Nullable LocalRef ref, SecretLookup lookup, String path, Problems problems) {
    if (ref == null || ref.kind() == null) {
      problems.fault(Reason.INVALID, path, "is missing: name a ConfigMap or Secret");
      return null;
    }
    String name =
        problems.parse(
            path + ".name", () -> Names.object(Objects.requireNonNullElse(ref.name(), "")));
    if (name == null) {
      return null;
    }
    return switch (ref.kind()) {
      case CONFIG_MAP -> ofMap(lookup, name, path, problems);
      case SECRET -> ofSecret(lookup, name, path, problems);
    };
  }

  private static @Nullable String ofMap(
      SecretLookup lookup, String name, String path, Problems problems) {
    var map = lookup.configMap(name);
    if (map == null) {
      problems.fault(Reason.CONFIG_MAP_NOT_FOUND, path + ".name", lookup.missingConfigMap(name));
      return null;
    }
    String text = map.getData() == null ? null : map.getData().get(ENTRY);
    return text == null
        ? noEntry(Reason.CONFIG_MAP_NOT_FOUND, path, problems)
        : parse(text, path, problems);
  }

  private static @Nullable String ofSecret(
      SecretLookup lookup, String name, String path, Problems problems) {
    var secret = lookup.secret(name);
    if (secret == null) {
      problems.fault(Reason.SECRET_NOT_FOUND, path + ".name", lookup.missingSecret(name));
      return null;
    }
    byte[] bytes;
    try {
      bytes = HeaderSecrets.bytes(secret, ENTRY);
    } catch (IllegalArgumentException e) {
      problems.fault(Reason.INVALID, path, "its entry " + ENTRY + " " + e.getMessage());
      return null;
    }
    return bytes == null
        ? noEntry(Reason.SECRET_NOT_FOUND, path, problems)
        : parse(new String(bytes, StandardCharsets.UTF_8), path, problems);
  }

  private static @Nullable String noEntry(Reason reason, String path, Problems problems) {
    problems.fault(
        reason,
        path + ".name",
        "has no entry %s of at most %,d bytes".formatted(ENTRY, HardLimits.JWKS_BYTES));
    return null;
  }

  /** Only public keys go on, whatever else the set holds. Nothing of it is in any message. */
  private static @Nullable String parse(String text, String path, Problems problems) {
    List<JWK> usable = new ArrayList<>();
    try {
      for (JWK key : JWKSet.parse(text).getKeys()) {
        JWK open = key instanceof AsymmetricJWK ? key.toPublicJWK() : null;
        if (open == null || KeyUse.ENCRYPTION.equals(key.getKeyUse())) {
          continue;
        }
        if (open instanceof RSAKey rsa && rsa.size() < LEAST_RSA_BITS) {
          problems.fault(
              Reason.INVALID,
              path,
              "its entry %s holds an RSA key of %d bits; at least %d are needed (RFC 7518 section"
                      .formatted(ENTRY, rsa.size(), LEAST_RSA_BITS)
                  + " 3.3)");
          return null;
        }
        usable.add(open);
      }
    } catch (ParseException | RuntimeException e) {
      problems.fault(
          Reason.INVALID, path, "its entry " + ENTRY + " is not a JWK Set (RFC 7517 section 5)");
      return null;
    }
    if (usable.isEmpty()) {
      problems.fault(
          Reason.INVALID,
          path,
          "its entry " + ENTRY + " holds no public key that signatures can be verified with");
      return null;
    }
    String keys = new JWKSet(usable).toString(true);
    if (keys.length() > HardLimits.JWKS_BYTES) {
      problems.fault(
          Reason.INVALID,
          path,
          "its entry %s has more than %,d bytes of keys".formatted(ENTRY, HardLimits.JWKS_BYTES));
      return null;
    }
    return keys;
  }

  private static List<TokenSource> from(Jwt jwt, String path, Problems problems) {
    if (jwt.from() == null || jwt.from().isEmpty()) {
      return List.of(new TokenSource(TokenSource.Type.HEADER, "authorization"));
    }
    List<TokenSource> from = new ArrayList<>();
    for (int i = 0; i < jwt.from().size(); i++) {
      Auth.TokenSource source = jwt.from().get(i);
      String at = path + ".from[" + i + "]";
      String name =
          problems.parse(
              at + ".name", () -> Names.token(Objects.requireNonNullElse(source.name(), "")));
      TokenSource.Type type =
          switch (source.type()) {
            case null -> null;
            case HEADER -> TokenSource.Type.HEADER;
            case COOKIE -> TokenSource.Type.COOKIE;
            case QUERY -> TokenSource.Type.QUERY;
            case SUBPROTOCOL -> TokenSource.Type.SUBPROTOCOL;
          };
      if (type == null) {
        problems.fault(
            Reason.INVALID, at + ".type", "is missing: write Header, Cookie, Query or Subprotocol");
      } else if (name != null) {
        from.add(
            new TokenSource(
                type, type == TokenSource.Type.HEADER ? name.toLowerCase(Locale.ROOT) : name));
      }
    }
    return from;
  }

  private static List<RequiredClaim> claims(Jwt jwt, String path, Problems problems) {
    List<RequiredClaim> claims = new ArrayList<>();
    for (Auth.RequiredClaim claim :
        Objects.requireNonNullElse(jwt.claims(), List.<Auth.RequiredClaim>of())) {
      String at = path + ".claims[" + claims.size() + "]";
      claims.add(
          new RequiredClaim(
              claim(claim.name(), at + ".name", problems),
              Objects.requireNonNullElse(claim.values(), List.of())));
    }
    bounded(claims, path + ".claims", problems);
    return claims;
  }

  private static List<ForwardedClaim> forwarded(Jwt jwt, String path, Problems problems) {
    List<ForwardedClaim> forwarded = new ArrayList<>();
    for (Auth.ForwardedClaim claim :
        Objects.requireNonNullElse(jwt.forwardClaims(), List.<Auth.ForwardedClaim>of())) {
      String at = path + ".forwardClaims[" + forwarded.size() + "]";
      String header =
          problems.parse(
              at + ".header",
              () ->
                  HeaderNames.editable(Objects.requireNonNullElse(claim.header(), ""))
                      .toLowerCase(Locale.ROOT));
      forwarded.add(
          new ForwardedClaim(
              claim(claim.claim(), at + ".claim", problems),
              Objects.requireNonNullElse(header, "")));
    }
    bounded(forwarded, path + ".forwardClaims", problems);
    return forwarded;
  }

  private static String claim(@Nullable String name, String path, Problems problems) {
    if (name == null || name.isBlank()) {
      problems.fault(Reason.INVALID, path, Quote.of(String.valueOf(name)) + " is no claim's name");
      return "";
    }
    return name;
  }

  private static void bounded(List<?> list, String path, Problems problems) {
    if (list.size() > MOST) {
      problems.fault(
          Reason.INVALID, path, "has " + list.size() + " items: at most " + MOST + " are possible");
    }
  }
}
