package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What applies to the traffic of a location. Policies are merged (LongshoreConfig's defaults, then
 * the route's, then the location's), so the schema has neither defaults nor required fields here.
 *
 * <p>Longer than other files, for one reason: it is the schema of one field with all that is below
 * it, which is read in one piece, and mostly the text that users read of it.
 */
@SchemaCustomizer(value = ListTypes.class, input = "origins=set subprotocols=set")
public record Policy(
    @JsonPropertyDescription(
            "Allow (upgrades, and plain HTTP passes too), Require (plain HTTP gets 426) or Deny"
                + " (upgrades get 403). Default: Allow.")
        @Nullable Upgrade upgrade,
    @JsonPropertyDescription(
            "What cleartext requests get on a host that has a certificate: Redirect (308 to https;"
                + " upgrades 403) or Allow. Default: Redirect.")
        @Nullable Insecure insecure,
    @JsonPropertyDescription(
            "The origins that may connect, such as https://chat.example.com or"
                + " https://*.example.com (one label); others, and null, get 403. Asked of upgrades"
                + " and of plain requests, of which a page's own to where it came from pass too. A"
                + " request without Origin is not from a browser and passes. Absent or empty: all.")
        @Size(max = 128)
        @Nullable List<@Pattern(Formats.ORIGIN) @Size(min = 1, max = Formats.ORIGIN_MAX) String>
            origins,
    @JsonPropertyDescription(
            "The WebSocket subprotocols that may be offered; a client's offers are reduced to"
                + " these. Offered but none left: 400; none offered: passes. Absent or empty: all.")
        @Size(max = 64)
        @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
            subprotocols,
    @JsonPropertyDescription("How long things may take.") @Nullable Timeouts timeouts,
    @JsonPropertyDescription(
            "Tries on another endpoint, before the client has got anything of an answer.")
        @Nullable Retries retries,
    @JsonPropertyDescription("Pings that keep tunnels alive and find dead ones. Default: none.")
        @Nullable Keepalive keepalive,
    @JsonPropertyDescription("Limits on connections, messages and requests. Default: none.")
        @Nullable Limits limits,
    @JsonPropertyDescription("Which client addresses may connect. Default: all.")
        @Nullable Access access,
    @JsonPropertyDescription("Who may connect. Default: everybody.") @Nullable Auth auth,
    @JsonPropertyDescription("Headers that are set or removed.") @Nullable Headers headers,
    @JsonPropertyDescription("How tunnels end when their endpoint or their rule goes away.")
        @Nullable Drain drain,
    @JsonPropertyDescription(
            "What %2F and %5C in a path get: Allow (they pass unchanged, as characters of their"
                + " element; 400 only where decoding would make a dot segment) or Reject (400)."
                + " Default: Allow.")
        @Nullable EncodedSlashes encodedSlashes,
    @JsonPropertyDescription(
            "Which pages of other origins may read answers (CORS): preflights are answered here,"
                + " and what the upstream says of it is replaced. Of WebSockets, to which browsers"
                + " don't apply it, origins decides. Default: left to the upstream.")
        @Nullable Cors cors) {

  public Policy {
    origins = ImmutableLists.copy("origins", origins);
    subprotocols = ImmutableLists.copy("subprotocols", subprotocols);
  }

  /** Whether requests may, must or must not be upgrades. */
  public enum Upgrade {
    @JsonProperty("Allow")
    ALLOW,
    @JsonProperty("Require")
    REQUIRE,
    @JsonProperty("Deny")
    DENY
  }

  /** What encoded slashes and backslashes in a path get. */
  public enum EncodedSlashes {
    @JsonProperty("Allow")
    ALLOW,
    @JsonProperty("Reject")
    REJECT
  }

  /** Which pages of other origins may read answers; Fetch calls it the CORS protocol. */
  @SchemaCustomizer(
      value = ListTypes.class,
      input = "origins=set methods=set headers=set exposedHeaders=set")
  @ValidationRule(
      value =
          "!has(self.credentials) || self.credentials != 'Allow' || ["
              + "has(self.origins) && '*' in self.origins, has(self.methods) && '*' in"
              + " self.methods, has(self.headers) && '*' in self.headers, has(self.exposedHeaders)"
              + " && '*' in self.exposedHeaders].all(w, !w)",
      message = "with credentials each origin, method and header has to be named: there is no *",
      fieldPath = ".credentials")
  public record Cors(
      @JsonPropertyDescription(
              "The origins whose pages may read answers, such as https://shop.example.com or"
                  + " https://*.example.com (one label), or * alone for all. Absent or empty: CORS"
                  + " is left to the upstream.")
          @Size(max = 128)
          @Nullable
              List<@Pattern(Formats.ORIGIN_OR_ALL) @Size(min = 1, max = Formats.ORIGIN_MAX) String>
              origins,
      @JsonPropertyDescription(
              "The methods that pages may use, or * alone. Default: GET, HEAD and POST.")
          @Size(max = 64)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              methods,
      @JsonPropertyDescription(
              "The request headers that pages may set beside those that they always may, or *"
                  + " alone (which is without Authorization). Default: none.")
          @Size(max = 64)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              headers,
      @JsonPropertyDescription(
              "The headers of answers that pages may read beside those that they always may, or *"
                  + " alone. Default: none.")
          @Size(max = 64)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              exposedHeaders,
      @JsonPropertyDescription(
              "Whether pages may use the visitor's cookies and logins: Allow or Deny. Never beside"
                  + " a *. Default: Deny.")
          @Nullable Credentials credentials,
      @JsonPropertyDescription(
              "How long a browser may remember the answer to a preflight, in whole seconds."
                  + " Default: 5s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String maxAge) {

    public Cors {
      origins = ImmutableLists.copy("origins", origins);
      methods = ImmutableLists.copy("methods", methods);
      headers = ImmutableLists.copy("headers", headers);
      exposedHeaders = ImmutableLists.copy("exposedHeaders", exposedHeaders);
    }
  }

  /** Whether pages may use what the browser knows of the visitor. */
  public enum Credentials {
    @JsonProperty("Allow")
    ALLOW,
    @JsonProperty("Deny")
    DENY
  }

  /** What cleartext requests get on a host with a certificate. */
  public enum Insecure {
    @JsonProperty("Redirect")
    REDIRECT,
    @JsonProperty("Allow")
    ALLOW
  }

  /** How long things may take; each a duration such as 500ms, 30s, 1h30m. */
  public record Timeouts(
      @JsonPropertyDescription("Until the TCP (and TLS) connection to an endpoint. Default: 5s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String connect,
      @JsonPropertyDescription("From the upgrade request to the upstream's 101. Default: 10s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String handshake,
      @JsonPropertyDescription(
              "Without a byte in either direction until a tunnel, or the body of a plain request,"
                  + " is ended. 0s: never. Default: 1h.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String idle,
      @JsonPropertyDescription(
              "How old a tunnel gets at most, give or take 10 % so that not all end at once. 0s:"
                  + " no limit. Default: no limit.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String maxLifetime,
      @JsonPropertyDescription(
              "Plain HTTP: until the response's headers. Bodies live by idle. Default: 60s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String response,
      @JsonPropertyDescription(
              "How long a peer may take nothing of what is written to it. 0s: forever. Default:"
                  + " 60s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String writeStall) {}

  /** Tries on another endpoint. */
  public record Retries(
      @JsonPropertyDescription(
              "Further attempts after the first, for failed connects and handshakes. 0: none."
                  + " Default: 2.")
          @Min(0)
          @Max(10)
          @Nullable Integer attempts) {}

  /** Pings that keep tunnels alive and find dead ones. */
  @ValidationRule(
      value =
          "!has(self.ping) || duration(self.ping) == duration('0s') || duration(self.ping) >="
              + " duration('1s')",
      message = "ping must be 0s (none) or at least 1s",
      fieldPath = ".ping")
  @ValidationRule(
      value = "!has(self.timeout) || duration(self.timeout) >= duration('100ms')",
      message = "timeout must be at least 100ms",
      fieldPath = ".timeout")
  public record Keepalive(
      @JsonPropertyDescription(
              "How long a side may send nothing until it gets a Ping; at least 1s. 0s: no Pings."
                  + " Default: none.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String ping,
      @JsonPropertyDescription(
              "How long any byte of an answer may take until the tunnel is ended; at least 100ms."
                  + " Default: 10s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String timeout,
      @JsonPropertyDescription("Which side gets Pings: Client, Upstream or Both. Default: Client.")
          @Nullable Towards towards) {}

  /** Which side of a tunnel. */
  public enum Towards {
    @JsonProperty("Client")
    CLIENT,
    @JsonProperty("Upstream")
    UPSTREAM,
    @JsonProperty("Both")
    BOTH
  }

  /** Limits on connections, messages and requests; 0 turns one off. */
  public record Limits(
      @JsonPropertyDescription(
              "Open tunnels of the location, over all data planes: each takes its share. Past it:"
                  + " 429. 0: no limit.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer connections,
      @JsonPropertyDescription(
              "Open tunnels of one client (its address behind trusted proxies; IPv6 by /64), per"
                  + " data plane. Past it: 429. 0: no limit.")
          @Min(0)
          @Max(10_000_000)
          @Nullable Integer connectionsPerClient,
      @JsonPropertyDescription(
              "Handshakes of one client per second, per data plane. Past the burst: 429. 0: no"
                  + " limit.")
          @Min(0)
          @Max(1_000_000)
          @Nullable Integer handshakesPerSecondPerClient,
      @JsonPropertyDescription(
              "Handshakes that a client may make at once before the rate counts. Default, and 0:"
                  + " the rate.")
          @Min(0)
          @Max(10_000_000)
          @Nullable Integer handshakesBurst,
      @JsonPropertyDescription(
              "The size of a message on the wire (so compressed, if it is), such as 64Ki or 1Mi."
                  + " Past it: close 1009. 0: no limit.")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String messageBytes,
      @JsonPropertyDescription(
              "Messages of a client per second, per connection. Past the burst: close 1008. 0: no"
                  + " limit.")
          @Min(0)
          @Max(10_000_000)
          @Nullable Integer messagesPerSecond,
      @JsonPropertyDescription(
              "Messages that a connection may send at once before the rate counts. Default, and 0:"
                  + " the rate.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer messagesBurst,
      @JsonPropertyDescription(
              "Plain requests of one client per second, per data plane; upgrades are handshakes."
                  + " Past the burst: 429. 0: no limit.")
          @Min(0)
          @Max(1_000_000)
          @Nullable Integer requestsPerSecondPerClient,
      @JsonPropertyDescription(
              "Plain requests that a client may make at once before the rate counts. Default, and"
                  + " 0: the rate.")
          @Min(0)
          @Max(10_000_000)
          @Nullable Integer requestsBurst) {}

  /** Which client addresses may connect; deny beats allow. */
  @SchemaCustomizer(value = ListTypes.class, input = "allow=set deny=set")
  @ValidationRule(
      value = "!has(self.allow) || self.allow.all(r, isCIDR(r))",
      message = "allow must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32",
      fieldPath = ".allow")
  @ValidationRule(
      value = "!has(self.deny) || self.deny.all(r, isCIDR(r))",
      message = "deny must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32",
      fieldPath = ".deny")
  public record Access(
      @JsonPropertyDescription("Ranges that may connect; others get 403. Absent or empty: all.")
          @Size(max = 256)
          @Nullable List<@Pattern(Formats.CIDR) @Size(min = 3, max = Formats.CIDR_MAX) String>
              allow,
      @JsonPropertyDescription("Ranges that get 403, also where allow has them.") @Size(max = 256)
          @Nullable List<@Pattern(Formats.CIDR) @Size(min = 3, max = Formats.CIDR_MAX) String>
              deny) {

    public Access {
      allow = ImmutableLists.copy("allow", allow);
      deny = ImmutableLists.copy("deny", deny);
    }
  }

  /** Headers that are set or removed. */
  @ValidationRule(
      value =
          "!has(self.response) || !has(self.response.set) || self.response.set.all(h,"
              + " !has(h.valueFrom))",
      message = "what stands in an answer is no secret any more: give value",
      fieldPath = ".response.set",
      reason = "FieldValueForbidden")
  public record Headers(
      @JsonPropertyDescription("On the way to the upstream.") @Nullable HeaderEdit request,
      @JsonPropertyDescription("On the way to the client.") @Nullable HeaderEdit response) {}

  /** Headers that are set or removed in one direction; removal goes first. */
  @SchemaCustomizer(value = ListTypes.class, input = "set=map:name remove=set")
  @ValidationRule(
      value =
          "!has(self.remove) || self.remove.all(n, !(n.lowerAscii() in "
              + Formats.OWN_HEADERS
              + ") && !n.lowerAscii().startsWith('sec-websocket-'))",
      message =
          "the data plane keeps Host, the framing headers, Connection, Upgrade and Sec-WebSocket-*"
              + " itself",
      fieldPath = ".remove",
      reason = "FieldValueForbidden")
  public record HeaderEdit(
      @JsonPropertyDescription("Headers that replace what is there.") @Size(max = 32)
          @Nullable List<HeaderValue> set,
      @JsonPropertyDescription("Names of headers that are taken away.") @Size(max = 32)
          @Nullable List<@Pattern(Formats.TOKEN) @Size(min = 1, max = Formats.TOKEN_MAX) String>
              remove) {

    public HeaderEdit {
      set = ImmutableLists.copy("set", set);
      remove = ImmutableLists.copy("remove", remove);
    }
  }

  /** A header with the value that it gets. */
  @ValidationRule(
      value = "has(self.value) != has(self.valueFrom)",
      message = "give exactly one of value and valueFrom",
      fieldPath = ".value")
  @ValidationRule(
      value =
          "!(self.name.lowerAscii() in "
              + Formats.OWN_HEADERS
              + ") && !self.name.lowerAscii().startsWith('sec-websocket-')",
      message =
          "the data plane keeps Host (see rewrite.host), the framing headers, Connection, Upgrade"
              + " and Sec-WebSocket-* itself",
      fieldPath = ".name",
      reason = "FieldValueForbidden")
  public record HeaderValue(
      @JsonPropertyDescription("The header's name.")
          @Required
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name,
      @JsonPropertyDescription(
              "The value that it gets, as it stands. For credentials use valueFrom.")
          @Pattern(Formats.HEADER_VALUE)
          @Size(max = Formats.HEADER_VALUE_MAX)
          @Nullable String value,
      @JsonPropertyDescription(
              "Where the value is taken from that it gets; of headers.request only.")
          @Nullable ValueFrom valueFrom) {
    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
      return name + "=[redacted]";
    }
  }

  /** Where a header's value is taken from. */
  public record ValueFrom(
      @JsonPropertyDescription(
              "An entry of a Secret. While it is missing, the rules that want it answer 503.")
          @Required
          @Nullable SecretKeyRef secretKeyRef) {}

  /** An entry of a Secret of type Opaque in the route's namespace. */
  public record SecretKeyRef(
      @JsonPropertyDescription(
              "The Secret's name, in the namespace of this resource. It is of type Opaque.")
          @Required
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String name,
      @JsonPropertyDescription(
              "The entry's key. It holds the header's whole value; one line end behind it doesn't"
                  + " count.")
          @Required
          @Pattern(Formats.DATA_KEY)
          @Size(min = 1, max = Formats.DATA_KEY_MAX)
          @Nullable String key) {}

  /** How tunnels end when their endpoint or their rule goes away. */
  @ValidationRule(
      value =
          "!has(self.closeCode) || self.closeCode in [1001, 1012, 1013] || self.closeCode >= 3000",
      message = "closeCode must be 1001, 1012, 1013 or 3000 to 4999",
      fieldPath = ".closeCode")
  public record Drain(
      @JsonPropertyDescription(
              "The time over which the tunnels are closed, so that clients don't come back as one"
                  + " herd. 0s: all at once. Default: 20s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String window,
      @JsonPropertyDescription(
              "How long a tunnel has from its Close until its connections are cut. Default: 5s.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String deadline,
      @JsonPropertyDescription(
              "The code of the Close that the client gets: 1001, 1012, 1013 or 3000 to 4999."
                  + " Default: 1012.")
          @Min(1001)
          @Max(4999)
          @Nullable Integer closeCode,
      @JsonPropertyDescription(
              "What happens to open tunnels when their rule is removed: Keep or Close. Default:"
                  + " Keep.")
          @Nullable DrainAction onRemoval,
      @JsonPropertyDescription(
              "What happens to open tunnels when their policy changes: Keep (they go on under the"
                  + " policy that admitted them) or Close. Default: Keep.")
          @Nullable DrainAction onPolicyChange) {}

  /** What happens to open tunnels. */
  public enum DrainAction {
    @JsonProperty("Keep")
    KEEP,
    @JsonProperty("Close")
    CLOSE
  }
}
