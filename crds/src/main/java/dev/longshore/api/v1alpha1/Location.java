package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A location rule: which requests, and what becomes of them, under which policy. Longer than other
 * files for the same reason as {@link Policy}.
 */
@SchemaCustomizer(value = ListTypes.class, input = "split=map:upstream")
@ValidationRule(
    value =
        "[has(self.upstream), has(self.split), has(self.redirect), has(self.respond)].filter(g,"
            + " g).size() == 1",
    message = "give exactly one of upstream, split, redirect and respond")
@ValidationRule(
    value = "!has(self.rewrite) || has(self.upstream) || has(self.split)",
    message = "rewrite is of what goes to an upstream",
    fieldPath = ".rewrite",
    reason = "FieldValueForbidden")
@ValidationRule(
    value =
        "!has(self.redirect) || !has(self.redirect.path) || self.redirect.path.type !="
            + " 'ReplacePrefix' || !has(self.pathType) || self.pathType != 'Regex'",
    message = "a Regex has no prefix to replace: use ReplaceFull",
    fieldPath = ".redirect.path.type")
@ValidationRule(
    value =
        "(has(self.pathType) && self.pathType == 'Regex') ||"
            + " self.path.matches(r'"
            + Formats.PATH
            + "')",
    message =
        "path must begin with / and hold no query, fragment, backslash, blank or control character;"
            + " write others percent-encoded",
    fieldPath = ".path")
@ValidationRule(
    value =
        "(has(self.pathType) && self.pathType == 'Regex') ||"
            + " !self.path.matches(r'//|/\\.\\.?(/|$)|;|%(2[eEfF]|5[cC]|00)')",
    message = "path must be normalised: no //, no dot segments, no ;, no %2e, %2f, %5c, %00",
    fieldPath = ".path")
@ValidationRule(
    value = "!has(self.split) || self.split.exists(s, s.weight > 0)",
    message = "at least one weight of split must be above 0",
    fieldPath = ".split")
@ValidationRule(
    value =
        "!has(self.rewrite) || !has(self.rewrite.path) || self.rewrite.path.type != 'ReplacePrefix'"
            + " || !has(self.pathType) || self.pathType != 'Regex'",
    message = "a Regex has no prefix to replace: use ReplaceFull",
    fieldPath = ".rewrite.path.type")
public record Location(
    @JsonPropertyDescription("A name for messages and metrics.")
        @Pattern(Formats.LABEL)
        @Size(min = 1, max = Formats.LABEL_MAX)
        @Nullable String name,
    @JsonPropertyDescription(
            "The path. Exact and Prefix: absolute and normalised. Regex: a pattern in RE2 syntax,"
                + " anchored at the start of the path.")
        @Required
        @Size(min = 1, max = Formats.PATH_MAX)
        @Nullable String path,
    @JsonPropertyDescription(
            "How path is compared: Exact, Prefix (by whole elements, as in an Ingress: /a matches"
                + " /a/b, not /ab) or Regex (linear time). Exact goes before Regex before Prefix.")
        @Default("Prefix")
        @Nullable PathType pathType,
    @JsonPropertyDescription(
            "Headers and query parameters that a request must have besides; all of them.")
        @Nullable Match match,
    @JsonPropertyDescription(
            "The name of the upstream that gets the traffic. Exactly one of upstream, split,"
                + " redirect and respond.")
        @Pattern(Formats.LABEL)
        @Size(min = 1, max = Formats.LABEL_MAX)
        @Nullable String upstream,
    @JsonPropertyDescription(
            "Upstreams that share the traffic by weight. Exactly one of upstream, split, redirect"
                + " and respond.")
        @Size(min = 1, max = 16)
        @Nullable List<WeightedUpstream> split,
    @JsonPropertyDescription(
            "Where clients are sent instead; the policy is asked before. Exactly one of upstream,"
                + " split, redirect and respond.")
        @Nullable Redirect redirect,
    @JsonPropertyDescription(
            "What clients are answered without asking an upstream; the policy is asked before."
                + " Exactly one of upstream, split, redirect and respond.")
        @Nullable Respond respond,
    @JsonPropertyDescription("What the upstream sees instead of the client's path and host.")
        @Nullable Rewrite rewrite,
    @JsonPropertyDescription(
            "Goes over spec.policy: objects leaf by leaf, lists as a whole; 0s or an empty list"
                + " turns off what spec.policy has.")
        @Nullable Policy policy) {

  public Location {
    split = ImmutableLists.copy("split", split);
  }

  /** How a path is compared. */
  public enum PathType {
    @JsonProperty("Exact")
    EXACT,
    @JsonProperty("Prefix")
    PREFIX,
    @JsonProperty("Regex")
    REGEX
  }

  /** What a request must have besides host and path. */
  @SchemaCustomizer(value = ListTypes.class, input = "headers=map:name query=map:name")
  public record Match(
      @JsonPropertyDescription("Headers; names are compared without case.") @Size(max = 16)
          @Nullable List<HeaderMatch> headers,
      @JsonPropertyDescription("Query parameters; the first value of a name counts.")
          @Size(max = 16)
          @Nullable List<QueryMatch> query) {

    public Match {
      headers = ImmutableLists.copy("headers", headers);
      query = ImmutableLists.copy("query", query);
    }
  }

  /** A header that a request must have. */
  public record HeaderMatch(
      @JsonPropertyDescription("The header's name.")
          @Required
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name,
      @JsonPropertyDescription("How value is compared: Exact.") @Default("Exact")
          @Nullable MatchType type,
      @JsonPropertyDescription("The value that the header must have.")
          @Required
          @Pattern(Formats.HEADER_VALUE)
          @Size(max = Formats.HEADER_VALUE_MAX)
          @Nullable String value) {
    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
      return name + "=[redacted]";
    }
  }

  /** A query parameter that a request must have. */
  public record QueryMatch(
      @JsonPropertyDescription("The parameter's name, percent-decoded.")
          @Required
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name,
      @JsonPropertyDescription("How value is compared: Exact.") @Default("Exact")
          @Nullable MatchType type,
      @JsonPropertyDescription("The value that the parameter must have, percent-decoded.")
          @Required
          @Size(max = Formats.PATH_MAX)
          @Nullable String value) {
    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
      return name + "=[redacted]";
    }
  }

  /** How a value is compared. */
  public enum MatchType {
    @JsonProperty("Exact")
    EXACT
  }

  /** One upstream's share of a split. */
  public record WeightedUpstream(
      @JsonPropertyDescription("The name of the upstream.")
          @Required
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String upstream,
      @JsonPropertyDescription("Its share of the sum of all weights; 0: none.")
          @Required
          @Min(0)
          @Max(1_000_000)
          @Nullable Integer weight) {}

  /** What the upstream sees instead of what the client sent. */
  public record Rewrite(
      @JsonPropertyDescription("The path that the upstream sees. Absent: the client's.")
          @Nullable PathRewrite path,
      @JsonPropertyDescription(
              "The Host that the upstream sees, with a port if it needs one. Absent: the client's.")
          @Pattern(Formats.AUTHORITY)
          @Size(min = 1, max = Formats.AUTHORITY_MAX)
          @Nullable String host) {}

  /** A change of the path; the query stays. */
  public record PathRewrite(
      @JsonPropertyDescription(
              "ReplacePrefix (the matched prefix becomes value; not with pathType Regex) or"
                  + " ReplaceFull (the whole path becomes value).")
          @Required
          @Nullable PathRewriteType type,
      @JsonPropertyDescription("What is put in its place: an absolute path.")
          @Required
          @Pattern(Formats.PATH)
          @Size(min = 1, max = Formats.PATH_MAX)
          @Nullable String value) {}

  /** Where clients are sent; what isn't said stays as they asked it, and so does the query. */
  @ValidationRule(
      value = "has(self.scheme) || has(self.host) || has(self.port) || has(self.path)",
      message =
          "a redirect to where it was asked goes round in circles: give one of scheme, host,"
              + " port and path")
  @ValidationRule(
      value = "!has(self.status) || self.status in [301, 302, 303, 307, 308]",
      message = "status must be 301, 302, 303, 307 or 308",
      fieldPath = ".status")
  @ValidationRule(
      value =
          "!has(self.path) || !self.path.value.matches(r'//|/\\.\\.?(/|$)|;|%(2[eEfF]|5[cC]|00)')",
      message = "path must be normalised: no //, no dot segments, no ;, no %2e, %2f, %5c, %00",
      fieldPath = ".path.value")
  public record Redirect(
      @JsonPropertyDescription("http or https. Absent: the client's.") @Nullable Scheme scheme,
      @JsonPropertyDescription("The host, without port. Absent: the client's.")
          @Pattern(Formats.EXACT_HOST)
          @Size(min = 1, max = Formats.HOST_MAX)
          @Nullable String host,
      @JsonPropertyDescription(
              "The port. Absent: that of scheme, 80 or 443; without scheme the client's.")
          @Min(1)
          @Max(65535)
          @Nullable Integer port,
      @JsonPropertyDescription("The path. Absent: the client's.") @Nullable PathRewrite path,
      @JsonPropertyDescription(
              "301, 302, 303, 307 or 308. Browsers keep 301 and 308 for ever; 307 and 308 keep the"
                  + " method. Default: 302.")
          @Min(301)
          @Max(308)
          @Nullable Integer status) {}

  /** How a client is to speak. */
  public enum Scheme {
    @JsonProperty("http")
    HTTP,
    @JsonProperty("https")
    HTTPS
  }

  /** What clients are answered. */
  @ValidationRule(
      value = "!has(self.body) || !has(self.bodyRef)",
      message = "give one of body and bodyRef, or none",
      fieldPath = ".body")
  @ValidationRule(
      value = "!has(self.status) || self.status < 300 || self.status >= 400",
      message = "status must be 200 to 299 or 400 to 599; for others write redirect",
      fieldPath = ".status")
  @ValidationRule(
      value =
          "!has(self.status) || !(self.status in [204, 205]) || !(has(self.body) ||"
              + " has(self.bodyRef))",
      message = "an answer of status 204 or 205 has no body",
      fieldPath = ".status")
  public record Respond(
      @JsonPropertyDescription("200 to 299 or 400 to 599. Default: 200.") @Min(200) @Max(599)
          @Nullable Integer status,
      @JsonPropertyDescription(
              "What the body is, such as application/json. Default: text/plain; charset=utf-8.")
          @Pattern(Formats.HEADER_VALUE)
          @Size(min = 1, max = Formats.CONTENT_TYPE_MAX)
          @Nullable String contentType,
      @JsonPropertyDescription("The body, in UTF-8. Longer ones stand in a ConfigMap.")
          @Size(max = Formats.HEADER_VALUE_MAX)
          @Nullable String body,
      @JsonPropertyDescription(
              "Where the body is taken from: at most 64 KiB. While it is missing, the answer is"
                  + " 503.")
          @Nullable ConfigMapKeyRef bodyRef) {}

  /** An entry of a ConfigMap in the route's namespace. */
  public record ConfigMapKeyRef(
      @JsonPropertyDescription("The ConfigMap's name, in the namespace of this resource.")
          @Required
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String name,
      @JsonPropertyDescription("The entry's key, in data.")
          @Required
          @Pattern(Formats.DATA_KEY)
          @Size(min = 1, max = Formats.DATA_KEY_MAX)
          @Nullable String key) {}

  /** What of the path is replaced. */
  public enum PathRewriteType {
    @JsonProperty("ReplacePrefix")
    REPLACE_PREFIX,
    @JsonProperty("ReplaceFull")
    REPLACE_FULL
  }
}
