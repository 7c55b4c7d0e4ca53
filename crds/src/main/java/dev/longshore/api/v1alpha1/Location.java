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

/** A location rule: which requests, to which upstream, changed how, under which policy. */
@SchemaCustomizer(value = ListTypes.class, input = "split=map:upstream")
@ValidationRule(
    value = "has(self.upstream) != has(self.split)",
    message = "give exactly one of upstream and split")
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
            "The name of the upstream that gets the traffic. Exactly one of upstream and split.")
        @Pattern(Formats.LABEL)
        @Size(min = 1, max = Formats.LABEL_MAX)
        @Nullable String upstream,
    @JsonPropertyDescription(
            "Upstreams that share the traffic by weight. Exactly one of upstream and split.")
        @Size(min = 1, max = 16)
        @Nullable List<WeightedUpstream> split,
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

  /** What of the path is replaced. */
  public enum PathRewriteType {
    @JsonProperty("ReplacePrefix")
    REPLACE_PREFIX,
    @JsonProperty("ReplaceFull")
    REPLACE_FULL
  }
}
