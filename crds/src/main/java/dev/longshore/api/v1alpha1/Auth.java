package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.longshore.api.v1alpha1.Upstream.Tls;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may connect: a request must pass all that are given. */
@ValidationRule(
    value = "has(self.jwt) || has(self.external) || has(self.basic)",
    message = "auth needs jwt, external or basic")
public record Auth(
    @JsonPropertyDescription("A signed token that the request carries (RFC 7519).")
        @Nullable Jwt jwt,
    @JsonPropertyDescription("A service that is asked before the handshake.")
        @Nullable External external,
    @JsonPropertyDescription("Name and password of a user (RFC 7617).") @Nullable Basic basic) {

  /** The users that may pass. */
  public record Basic(
      @JsonPropertyDescription(
              "The Secret of type Opaque whose entry auth holds lines as htpasswd writes them:"
                  + " bcrypt (htpasswd -B, cost 4 to 12) or {SHA}.")
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String secretName,
      @JsonPropertyDescription(
              "What browsers show to whom they ask for the password. Default: longshore.")
          @Pattern("[ !#-\\[\\]-~]+")
          @Size(min = 1, max = 128)
          @Nullable String realm) {}

  /** The tokens that are taken. */
  @SchemaCustomizer(
      value = ListTypes.class,
      input = "audiences=set algorithms=set from=atomic claims=atomic forwardClaims=atomic")
  public record Jwt(
      @JsonPropertyDescription("What the claim iss must be.") @Size(min = 1, max = 1024)
          @Nullable String issuer,
      @JsonPropertyDescription("Of these the claim aud must have at least one.")
          @Size(min = 1, max = 16)
          @Nullable List<@Size(min = 1, max = 1024) String> audiences,
      @JsonPropertyDescription("The signature algorithms that are taken; never one with a secret.")
          @Size(min = 1, max = 16)
          @Nullable List<Algorithm> algorithms,
      @JsonPropertyDescription("How far the clocks may be apart. Default: 60s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String clockSkew,
      @JsonPropertyDescription(
              "The ConfigMap or Secret whose key jwks.json holds the issuer's public keys (RFC"
                  + " 7517).")
          @Nullable LocalRef jwks,
      @JsonPropertyDescription(
              "Where the token stands; the first place that has one counts. Default: the header"
                  + " Authorization.")
          @Size(min = 1, max = 8)
          @Nullable List<TokenSource> from,
      @JsonPropertyDescription(
              "What happens to a tunnel when its token expires: Close (1008) or Keep. Default:"
                  + " Close.")
          @Nullable OnExpiry onExpiry,
      @JsonPropertyDescription("What the token must say beside; all of them.") @Size(max = 16)
          @Nullable List<RequiredClaim> claims,
      @JsonPropertyDescription(
              "Claims that the upstream gets as headers; the client's own of these names are taken"
                  + " away.")
          @Size(max = 16)
          @Nullable List<ForwardedClaim> forwardClaims) {

    public Jwt {
      audiences = ImmutableLists.copy("audiences", audiences);
      algorithms = ImmutableLists.copy("algorithms", algorithms);
      from = ImmutableLists.copy("from", from);
      claims = ImmutableLists.copy("claims", claims);
      forwardClaims = ImmutableLists.copy("forwardClaims", forwardClaims);
    }
  }

  /** A claim that a token must have. */
  @SchemaCustomizer(value = ListTypes.class, input = "values=set")
  public record RequiredClaim(
      @JsonPropertyDescription(
              "Its name, such as scope, or a path to it with dots, such as realm_access.roles.")
          @Required
          @Size(min = 1, max = 256)
          @Nullable String name,
      @JsonPropertyDescription(
              "What it must be, or have as one of several; a text with blanks, such as scope, is"
                  + " several. Absent: whatever it says.")
          @Size(max = 64)
          @Nullable List<@Size(min = 1, max = 256) String> values) {

    public RequiredClaim {
      values = ImmutableLists.copy("values", values);
    }
  }

  /** A claim that the upstream gets as a header. */
  public record ForwardedClaim(
      @JsonPropertyDescription("Its name, such as sub, or a path to it with dots.")
          @Required
          @Size(min = 1, max = 256)
          @Nullable String claim,
      @JsonPropertyDescription("The header, such as X-User.")
          @Required
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String header) {}

  /** Signature algorithms with a public key (RFC 7518 section 3.1, RFC 8037). */
  public enum Algorithm {
    @JsonProperty("RS256")
    RS256,
    @JsonProperty("RS384")
    RS384,
    @JsonProperty("RS512")
    RS512,
    @JsonProperty("PS256")
    PS256,
    @JsonProperty("PS384")
    PS384,
    @JsonProperty("PS512")
    PS512,
    @JsonProperty("ES256")
    ES256,
    @JsonProperty("ES384")
    ES384,
    @JsonProperty("ES512")
    ES512,
    @JsonProperty("EdDSA")
    ED_DSA
  }

  /** A place where a token may stand. */
  public record TokenSource(
      @JsonPropertyDescription(
              "Header, Cookie, Query (a parameter, taken away before the upstream sees it) or"
                  + " Subprotocol (the offer that follows the named one; both are taken away).")
          @Required
          @Nullable TokenSourceType type,
      @JsonPropertyDescription("The name of the header, cookie, parameter or subprotocol.")
          @Required
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name) {}

  /** The kinds of places where a token may stand. */
  public enum TokenSourceType {
    @JsonProperty("Header")
    HEADER,
    @JsonProperty("Cookie")
    COOKIE,
    @JsonProperty("Query")
    QUERY,
    @JsonProperty("Subprotocol")
    SUBPROTOCOL
  }

  /** What happens to a tunnel when its token expires. */
  public enum OnExpiry {
    @JsonProperty("Close")
    CLOSE,
    @JsonProperty("Keep")
    KEEP
  }

  /** The service that is asked, and what it is told and may say. */
  @SchemaCustomizer(value = ListTypes.class, input = "forwardHeaders=set copyHeaders=set")
  @ValidationRule(
      value =
          "!has(self.recheck) || duration(self.recheck) == duration('0s') || duration(self.recheck)"
              + " >= duration('1s')",
      message = "recheck must be 0s (never) or at least 1s",
      fieldPath = ".recheck")
  @ValidationRule(
      value =
          "!has(self.timeout) || (duration(self.timeout) > duration('0s') && duration(self.timeout)"
              + " <= duration('1m'))",
      message = "timeout must be above 0s and at most 1m",
      fieldPath = ".timeout")
  public record External(
      @JsonPropertyDescription(
              "The Service that is asked, by HTTP/1.1: a 2xx answer lets the request pass; 401,"
                  + " 403 and redirects are the client's answer; whatever else is no answer.")
          @Nullable ServiceRef service,
      @JsonPropertyDescription("The path that it is asked with. Default: /.")
          @Pattern(Formats.PATH)
          @Size(min = 1, max = Formats.PATH_MAX)
          @Nullable String path,
      @JsonPropertyDescription(
              "How long it may take, at most 1m; without an answer in time onFailure holds."
                  + " Default: 2s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String timeout,
      @JsonPropertyDescription(
              "The request's headers that it gets to see. Default: Authorization and Cookie.")
          @Size(max = 32)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              forwardHeaders,
      @JsonPropertyDescription(
              "Headers of its answer that the upstream gets; the client's own are taken away.")
          @Size(max = 32)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              copyHeaders,
      @JsonPropertyDescription("TLS to the Service. Absent: it is asked in the clear.")
          @Nullable Tls tls,
      @JsonPropertyDescription(
              "What a request gets when the Service doesn't answer: Deny (503) or Allow (it passes,"
                  + " without what copyHeaders would add). Default: Deny.")
          @Nullable OnFailure onFailure,
      @JsonPropertyDescription(
              "Which answers that let a request pass hold for others too. Default: none.")
          @Nullable Cache cache,
      @JsonPropertyDescription(
              "How often it is asked again about an open tunnel, with the head of its handshake,"
                  + " give or take 10 %; at least 1s. Refused, the tunnel is closed with 1008. 0s:"
                  + " never. Default: never.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String recheck,
      @JsonPropertyDescription(
              "How long after recheck a tunnel stays open whose Service doesn't answer. Default: as"
                  + " long as recheck.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String recheckGrace,
      @JsonPropertyDescription(
              "Where a client is sent, with 302, when the Service answers 401: a URL such as"
                  + " https://login.example.com/start?rd={scheme}://{host}{uri}, where {scheme} and"
                  + " {host} are those that were asked, and {uri} is path and query,"
                  + " percent-encoded. Absent: it gets the 401.")
          @Size(min = 1, max = 1024)
          @Nullable String signIn) {

    /** What a request gets when the Service doesn't answer. */
    public enum OnFailure {
      @JsonProperty("Deny")
      DENY,
      @JsonProperty("Allow")
      ALLOW
    }

    /** Answers that are kept. */
    @SchemaCustomizer(value = ListTypes.class, input = "key=atomic")
    public record Cache(
        @JsonPropertyDescription(
                "What an answer depends on, beside method, host and path. A request that has"
                    + " nothing of it is always asked about.")
            @Size(min = 1, max = 8)
            @Nullable List<CacheSource> key,
        @JsonPropertyDescription("How long it is kept.")
            @Pattern(Formats.DURATION)
            @Size(max = Formats.DURATION_MAX)
            @Nullable String ttl) {

      public Cache {
        key = ImmutableLists.copy("key", key);
      }
    }

    /** A value of a request. */
    public record CacheSource(
        @JsonPropertyDescription("Header, Cookie or Query (a parameter).") @Required
            @Nullable CacheSourceType type,
        @JsonPropertyDescription("Its name.")
            @Required
            @Pattern(Formats.TOKEN)
            @Size(min = 1, max = Formats.TOKEN_MAX)
            @Nullable String name) {}

    /** Where a value stands. */
    public enum CacheSourceType {
      @JsonProperty("Header")
      HEADER,
      @JsonProperty("Cookie")
      COOKIE,
      @JsonProperty("Query")
      QUERY
    }

    public External {
      forwardHeaders = ImmutableLists.copy("forwardHeaders", forwardHeaders);
      copyHeaders = ImmutableLists.copy("copyHeaders", copyHeaders);
    }
  }
}
