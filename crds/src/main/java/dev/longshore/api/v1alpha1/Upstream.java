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
 * An upstream pool: where its endpoints come from and how a connection gets one of them.
 *
 * <p>Longer than other files, for one reason: it is the schema of one field with all that is below
 * it, which is read in one piece, and mostly the text that users read of it.
 */
@SchemaCustomizer(value = ListTypes.class, input = "endpoints=map:address,port")
@ValidationRule(
    value = "has(self.service) != has(self.endpoints)",
    message = "give exactly one of service and endpoints")
@ValidationRule(
    value = "!has(self.rebalance) || !has(self.affinity)",
    message = "rebalance would break affinity: remove one of them",
    fieldPath = ".rebalance",
    reason = "FieldValueForbidden")
@ValidationRule(
    value =
        "!has(self.rebalance) || !has(self.loadBalancing) || !has(self.loadBalancing.policy) ||"
            + " self.loadBalancing.policy != 'ConsistentHash'",
    message =
        "rebalance would break ConsistentHash: remove it or choose another loadBalancing.policy",
    fieldPath = ".rebalance",
    reason = "FieldValueForbidden")
public record Upstream(
    @JsonPropertyDescription("The name by which locations refer to this pool.")
        @Required
        @Pattern(Formats.LABEL)
        @Size(min = 1, max = Formats.LABEL_MAX)
        @Nullable String name,
    @JsonPropertyDescription(
            "The Service whose EndpointSlices give the endpoints. Exactly one of service and"
                + " endpoints.")
        @Nullable ServiceRef service,
    @JsonPropertyDescription(
            "A fixed list of endpoints; in a cluster only if the operator allows it. Exactly one of"
                + " service and endpoints.")
        @Size(min = 1, max = 256)
        @Nullable List<Endpoint> endpoints,
    @JsonPropertyDescription(
            "HTTP/1.1: ws (cleartext) or wss (TLS). HTTP/2, but for WebSockets, which go by"
                + " HTTP/1.1: h2c (cleartext), h2 (TLS) or grpc (TLS where tls says something, else"
                + " cleartext). Absent: what the Service port's appProtocol says, such as"
                + " kubernetes.io/wss or kubernetes.io/h2c, else ws.")
        @Nullable Protocol protocol,
    @JsonPropertyDescription(
            "How the upstream's TLS is verified; counts with protocol wss, h2 and grpc.")
        @Nullable Tls tls,
    @JsonPropertyDescription("How an endpoint is chosen for a new connection.")
        @Nullable LoadBalancing loadBalancing,
    @JsonPropertyDescription(
            "Sends a client back to the endpoint it had before, as long as that is there.")
        @Nullable Affinity affinity,
    @JsonPropertyDescription("How endpoints that fail are found and left out.")
        @Nullable HealthCheck healthCheck,
    @JsonPropertyDescription(
            "Idle connections to endpoints that are kept for plain HTTP requests. Tunnels always"
                + " have a connection of their own.")
        @Nullable Keepalive keepalive,
    @JsonPropertyDescription(
            "Open connections that one endpoint gets at most, over all data planes. Others are"
                + " tried then; when all are full the answer is 503. Absent: no limit.")
        @Min(1)
        @Max(10_000_000)
        @Nullable Integer maxConnectionsPerEndpoint,
    @JsonPropertyDescription(
            "Moves open tunnels, politely, from crowded endpoints to ones that came later. Absent:"
                + " off. Not with affinity or ConsistentHash.")
        @Nullable Rebalance rebalance) {

  public Upstream {
    endpoints = ImmutableLists.copy("endpoints", endpoints);
  }

  /** One fixed endpoint. */
  @ValidationRule(
      value = "isIP(self.address)",
      message = "address must be an IPv4 or IPv6 address",
      fieldPath = ".address")
  public record Endpoint(
      @JsonPropertyDescription("An IPv4 or IPv6 address.")
          @Required
          @Pattern(Formats.ADDRESS)
          @Size(min = 2, max = Formats.ADDRESS_MAX)
          @Nullable String address,
      @JsonPropertyDescription("The TCP port.") @Required @Min(1) @Max(65535)
          @Nullable Integer port) {}

  /** How the data plane speaks to endpoints. */
  public enum Protocol {
    @JsonProperty("ws")
    WS,
    @JsonProperty("wss")
    WSS,
    @JsonProperty("h2c")
    H2C,
    @JsonProperty("h2")
    H2,
    @JsonProperty("grpc")
    GRPC
  }

  /** How the TLS of endpoints is verified. */
  @SchemaCustomizer(value = ListTypes.class, input = "caCertificateRefs=atomic")
  public record Tls(
      @JsonPropertyDescription(
              "The name for SNI and for verifying the endpoint's certificate. Absent: rewrite.host"
                  + " of the location, else the route's host if it is no wildcard, else the"
                  + " Service's DNS name (chat.demo.svc), else the endpoint's address.")
          @Pattern(Formats.EXACT_HOST)
          @Size(min = 1, max = Formats.HOST_MAX)
          @Nullable String serverName,
      @JsonPropertyDescription(
              "ConfigMaps or Secrets whose key ca.crt holds the certificates to trust. Absent: the"
                  + " system's.")
          @Size(min = 1, max = 8)
          @Nullable List<LocalRef> caCertificateRefs,
      @JsonPropertyDescription("The certificate that the data plane presents to endpoints.")
          @Nullable SecretRef clientCertificateRef) {

    public Tls {
      caCertificateRefs = ImmutableLists.copy("caCertificateRefs", caCertificateRefs);
    }
  }

  /** A Secret of type {@code kubernetes.io/tls} in the route's namespace. */
  public record SecretRef(
      @JsonPropertyDescription("The Secret's name, in the namespace of this resource.")
          @Required
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String name) {}

  /** How an endpoint is chosen for a new connection. */
  @ValidationRule(
      value = "!has(self.policy) || self.policy != 'ConsistentHash' || has(self.hashOn)",
      message = "policy ConsistentHash needs hashOn",
      fieldPath = ".hashOn",
      reason = "FieldValueRequired")
  @ValidationRule(
      value = "!has(self.hashOn) || (has(self.policy) && self.policy == 'ConsistentHash')",
      message = "hashOn goes with policy ConsistentHash only",
      fieldPath = ".hashOn",
      reason = "FieldValueForbidden")
  public record LoadBalancing(
      @JsonPropertyDescription(
              "LeastConnections (the better of two random choices), RoundRobin, Random or"
                  + " ConsistentHash (needs hashOn).")
          @Default("LeastConnections")
          @Nullable LoadBalancingPolicy policy,
      @JsonPropertyDescription("What is hashed; with ConsistentHash only.") @Nullable HashOn hashOn,
      @JsonPropertyDescription(
              "How long a new endpoint's share of new connections grows until it is full. 0s turns"
                  + " it off.")
          @Default("30s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String slowStart) {}

  /** The ways to choose an endpoint. */
  public enum LoadBalancingPolicy {
    @JsonProperty("LeastConnections")
    LEAST_CONNECTIONS,
    @JsonProperty("RoundRobin")
    ROUND_ROBIN,
    @JsonProperty("Random")
    RANDOM,
    @JsonProperty("ConsistentHash")
    CONSISTENT_HASH
  }

  /** What of a request is hashed. */
  @ValidationRule(
      value = "(self.type == 'ClientIP') != has(self.name)",
      message = "Header, Cookie and Query need a name; ClientIP takes none",
      fieldPath = ".name")
  public record HashOn(
      @JsonPropertyDescription(
              "Header, Cookie, Query or ClientIP (the address behind trusted proxies).")
          @Required
          @Nullable HashSource type,
      @JsonPropertyDescription(
              "The name of the header, cookie or query parameter; not with ClientIP.")
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name) {}

  /** Where the hashed value stands. */
  public enum HashSource {
    @JsonProperty("Header")
    HEADER,
    @JsonProperty("Cookie")
    COOKIE,
    @JsonProperty("Query")
    QUERY,
    @JsonProperty("ClientIP")
    CLIENT_IP
  }

  /** How a client finds back to its endpoint. */
  public record Affinity(
      @JsonPropertyDescription("A cookie that the data plane sets and reads.") @Required
          @Nullable Cookie cookie) {}

  /** The cookie that names a client's endpoint, opaque to the client. */
  @ValidationRule(
      value =
          "!has(self.ttl) || duration(self.ttl) == duration('0s') || duration(self.ttl) >="
              + " duration('1s')",
      message = "ttl must be 0s or at least 1s",
      fieldPath = ".ttl")
  public record Cookie(
      @JsonPropertyDescription("The cookie's name.")
          @Default("longshore")
          @Pattern(Formats.TOKEN)
          @Size(min = 1, max = Formats.TOKEN_MAX)
          @Nullable String name,
      @JsonPropertyDescription(
              "How long the cookie lives; at least 1s. Absent or 0s: as long as the browser's"
                  + " session.")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String ttl,
      @JsonPropertyDescription("The path that the cookie is sent for.")
          @Default("/")
          @Pattern("^/[\\x21-\\x3A\\x3C-\\x7E]*$")
          @Size(min = 1, max = Formats.PATH_MAX)
          @Nullable String path,
      @JsonPropertyDescription(
              "Whether other sites' requests carry it: Strict, Lax or None (which browsers take"
                  + " over TLS only).")
          @Default("Lax")
          @Nullable SameSite sameSite) {}

  /** The SameSite attribute of a cookie. */
  public enum SameSite {
    @JsonProperty("Strict")
    STRICT,
    @JsonProperty("Lax")
    LAX,
    @JsonProperty("None")
    NONE
  }

  /** How endpoints that fail are found. */
  public record HealthCheck(
      @JsonPropertyDescription("Watches the traffic itself.") @Nullable PassiveHealthCheck passive,
      @JsonPropertyDescription("Probes the endpoints.") @Nullable ActiveHealthCheck active,
      @JsonPropertyDescription(
              "When less than this share of the endpoints is healthy, all are used: rather a slow"
                  + " answer than the rest crushed. 0 turns it off.")
          @Default("50")
          @Min(0)
          @Max(100)
          @Nullable Integer panicThresholdPercent) {}

  /** Leaves an endpoint out for a while when connections to it fail. */
  @ValidationRule(
      value = "!has(self.ejectFor) || duration(self.ejectFor) > duration('0s')",
      message = "ejectFor must be above 0s",
      fieldPath = ".ejectFor")
  public record PassiveHealthCheck(
      @JsonPropertyDescription("Failures in a row after which an endpoint is ejected.")
          @Default("3")
          @Min(1)
          @Max(1000)
          @Nullable Integer consecutiveFailures,
      @JsonPropertyDescription("How long an ejected endpoint gets no new connections; above 0s.")
          @Default("30s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String ejectFor,
      @JsonPropertyDescription("The share of endpoints that may be ejected at once.")
          @Default("50")
          @Min(0)
          @Max(100)
          @Nullable Integer maxEjectedPercent) {}

  /** Probes endpoints on a schedule. */
  @ValidationRule(
      value = "!has(self.path) || !(self.type in ['TCP', 'gRPC'])",
      message = "a TCP or gRPC probe has no path",
      fieldPath = ".path",
      reason = "FieldValueForbidden")
  @ValidationRule(
      value = "!has(self.service) || self.type == 'gRPC'",
      message = "only a gRPC probe has a service",
      fieldPath = ".service",
      reason = "FieldValueForbidden")
  @ValidationRule(
      value = "!has(self.interval) || duration(self.interval) >= duration('1s')",
      message = "interval must be at least 1s",
      fieldPath = ".interval")
  @ValidationRule(
      value = "!has(self.timeout) || duration(self.timeout) > duration('0s')",
      message = "timeout must be above 0s",
      fieldPath = ".timeout")
  @ValidationRule(
      value =
          "!has(self.interval) || !has(self.timeout) || duration(self.timeout) <="
              + " duration(self.interval)",
      message = "timeout must not be longer than interval",
      fieldPath = ".timeout")
  public record ActiveHealthCheck(
      @JsonPropertyDescription(
              "HTTP (GET, 2xx or 3xx is healthy), TCP (a connection is healthy), WebSocket (a"
                  + " verified 101 is healthy) or gRPC (SERVING by grpc.health.v1 is healthy; with"
                  + " protocol grpc, h2 or h2c only).")
          @Required
          @Nullable ProbeType type,
      @JsonPropertyDescription("The path that HTTP and WebSocket probes ask for. Absent: /.")
          @Pattern("^/[\\x21\\x22\\x24-\\x5B\\x5D-\\x7E]*$")
          @Size(min = 1, max = Formats.PATH_MAX)
          @Nullable String path,
      @JsonPropertyDescription(
              "The service that gRPC probes ask for. Absent: the server as a whole.")
          @Pattern("^[\\x21-\\x7E]+$")
          @Size(min = 1, max = 253)
          @Nullable String service,
      @JsonPropertyDescription("The time between two probes of one endpoint; at least 1s.")
          @Default("5s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String interval,
      @JsonPropertyDescription("How long a probe may take; not longer than interval.")
          @Default("1s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String timeout,
      @JsonPropertyDescription("Good probes in a row that make an endpoint healthy.")
          @Default("2")
          @Min(1)
          @Max(100)
          @Nullable Integer healthyThreshold,
      @JsonPropertyDescription("Bad probes in a row that make an endpoint unhealthy.")
          @Default("3")
          @Min(1)
          @Max(100)
          @Nullable Integer unhealthyThreshold) {}

  /** How an endpoint is probed. */
  public enum ProbeType {
    @JsonProperty("HTTP")
    HTTP,
    @JsonProperty("TCP")
    TCP,
    @JsonProperty("WebSocket")
    WEB_SOCKET,
    @JsonProperty("gRPC")
    GRPC
  }

  /** The kept connections of plain HTTP. */
  public record Keepalive(
      @JsonPropertyDescription(
              "Idle connections that each event loop of a data plane keeps for each endpoint. 0:"
                  + " none, and requests go upstream with Connection: close.")
          @Default("64")
          @Min(0)
          @Max(10_000)
          @Nullable Integer idleConnections,
      @JsonPropertyDescription(
              "How long an idle connection is kept; less if the endpoint says so by Keep-Alive:"
                  + " timeout. Keep it below what the endpoints keep: most close after 5s.")
          @Default("4s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String idleTimeout) {}

  /** How fast tunnels are moved, and when it is even enough. */
  public record Rebalance(
      @JsonPropertyDescription("Tunnels that are closed per second at most, over all data planes.")
          @Default("50")
          @Min(1)
          @Max(100_000)
          @Nullable Integer maxPerSecond,
      @JsonPropertyDescription(
              "How far above the average an endpoint may be before tunnels are moved from it.")
          @Default("10")
          @Min(1)
          @Max(100)
          @Nullable Integer tolerancePercent) {}
}
