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
 * What a {@link LongshoreConfig} wants. Longer than most, for it is its schema: nothing but fields,
 * each told where it stands.
 */
@SchemaCustomizer(
    value = ListTypes.class,
    input =
        "trustedProxies=set catchAllNamespaces=set proxyProtocolFrom=set hosts=atomic"
            + " listeners=map:name")
@ValidationRule(
    value = "!has(self.trustedProxies) || self.trustedProxies.all(r, isCIDR(r))",
    message = "trustedProxies must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32",
    fieldPath = ".trustedProxies")
@ValidationRule(
    value = "!has(self.proxyProtocolFrom) || self.proxyProtocolFrom.all(r, isCIDR(r))",
    message = "proxyProtocolFrom must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32",
    fieldPath = ".proxyProtocolFrom")
public record LongshoreConfigSpec(
    @JsonPropertyDescription(
            "The ranges of proxies in front whose X-Forwarded-For and Forwarded headers are"
                + " believed. Absent or empty: none.")
        @Size(max = 256)
        @Nullable List<@Pattern(Formats.CIDR) @Size(min = 3, max = Formats.CIDR_MAX) String>
            trustedProxies,
    @JsonPropertyDescription(
            "What becomes of X-Forwarded-* and Forwarded headers: Append (those of trusted proxies"
                + " are kept and appended to, those of others replaced) or Replace (always"
                + " replaced).")
        @Default("Append")
        @Nullable ForwardedHeaders forwardedHeaders,
    @JsonPropertyDescription(
            "Whether connections begin with a PROXY protocol header (v1 or v2): Disabled, or"
                + " Required (connections without one, or from elsewhere than proxyProtocolFrom,"
                + " are closed).")
        @Default("Disabled")
        @Nullable ProxyProtocol proxyProtocol,
    @JsonPropertyDescription(
            "The Secret of type kubernetes.io/tls that serves names without a certificate of their"
                + " own. Absent: their TLS handshakes are refused.")
        @Nullable SecretRef defaultCertificate,
    @JsonPropertyDescription("The TLS that clients get.") @Nullable Tls tls,
    @JsonPropertyDescription(
            "Strict-Transport-Security on answers over TLS (RFC 6797). Absent: not sent.")
        @Nullable Hsts hsts,
    @JsonPropertyDescription(
            "Namespace (a host belongs to the namespace that claimed it first; others get"
                + " NotAllowed) or Shared (all namespaces may add rules to a host).")
        @Default("Namespace")
        @Nullable HostOwnership hostOwnership,
    @JsonPropertyDescription(
            "The namespaces whose routes may leave out hosts and so claim every host; * means all."
                + " Absent or empty: none.")
        @Size(max = 256)
        @Nullable
            List<
                @Pattern("^(\\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$")
                @Size(min = 1, max = Formats.LABEL_MAX) String>
            catchAllNamespaces,
    @JsonPropertyDescription("What routes get that don't say otherwise.")
        @Nullable Defaults defaults,
    @JsonPropertyDescription("How a data plane ends when its process is told to.")
        @Nullable ProcessDrain processDrain,
    @JsonPropertyDescription(
            "What is written to the access log: All (every request, every tunnel at its end),"
                + " Errors (answers of 400 and above, and tunnels that did not end normally) or"
                + " Disabled.")
        @Default("All")
        @Nullable AccessLog accessLog,
    @JsonPropertyDescription("The bounds of requests.") @Nullable Bounds bounds,
    @JsonPropertyDescription(
            "The ranges of the balancers whose PROXY headers are believed; needed with"
                + " proxyProtocol: Required, which closes the connections of others.")
        @Size(max = 256)
        @Nullable List<@Pattern(Formats.CIDR) @Size(min = 3, max = Formats.CIDR_MAX) String>
            proxyProtocolFrom,
    @JsonPropertyDescription(
            "Names that only the namespaces listed for them may claim. They may claim others too,"
                + " unless those are listed for somebody else. Absent or empty: none.")
        @Size(max = 256)
        @Nullable List<HostReservation> hosts,
    @JsonPropertyDescription(
            "How long a host is kept for its namespace when nothing there claims it any more, such"
                + " as while a route is deployed anew. Absent: 10m; 0s in standalone.")
        @Pattern(Formats.DURATION)
        @Size(max = Formats.DURATION_MAX)
        @Nullable String hostGracePeriod,
    @JsonPropertyDescription(
            "What the resources of one namespace may come to together. The newest beyond it are"
                + " NotAllowed; from four fifths on a warning says so.")
        @Nullable Quotas quotas,
    @JsonPropertyDescription("Where HTTP/2 is spoken with clients.") @Nullable Http2 http2,
    @JsonPropertyDescription(
            "Where data planes listen beside the addresses of their flags. Opened and closed while"
                + " they run; open connections stay. Absent or empty: nowhere.")
        @Size(max = 64)
        @Nullable List<Listener> listeners) {

  public LongshoreConfigSpec {
    trustedProxies = ImmutableLists.copy("trustedProxies", trustedProxies);
    catchAllNamespaces = ImmutableLists.copy("catchAllNamespaces", catchAllNamespaces);
    proxyProtocolFrom = ImmutableLists.copy("proxyProtocolFrom", proxyProtocolFrom);
    hosts = ImmutableLists.copy("hosts", hosts);
    listeners = ImmutableLists.copy("listeners", listeners);
  }

  /** Names that are for a namespace. */
  @SchemaCustomizer(value = ListTypes.class, input = "names=set")
  public record HostReservation(
      @JsonPropertyDescription("The namespace.")
          @Required
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String namespace,
      @JsonPropertyDescription(
              "The names: exact, *.example.com for that wildcard and every name below it, or * for"
                  + " every name. Of several that fit, the longest counts.")
          @Required
          @Size(min = 1, max = 256)
          @Nullable
              List<@Pattern(Formats.HOST_OR_ALL) @Size(min = 1, max = Formats.HOST_MAX) String>
              names) {

    public HostReservation {
      names = ImmutableLists.copy("names", names);
    }
  }

  /** What becomes of forwarded headers. */
  public enum ForwardedHeaders {
    @JsonProperty("Append")
    APPEND,
    @JsonProperty("Replace")
    REPLACE
  }

  /**
   * Whether connections begin with a PROXY protocol header. Not `Off`: YAML 1.1 reads that as
   * false.
   */
  public enum ProxyProtocol {
    @JsonProperty("Disabled")
    DISABLED,
    @JsonProperty("Required")
    REQUIRED
  }

  /** A Secret in any namespace; the configuration is cluster-scoped and has none of its own. */
  public record SecretRef(
      @JsonPropertyDescription("The Secret's namespace.")
          @Required
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String namespace,
      @JsonPropertyDescription("The Secret's name.")
          @Required
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String name) {}

  /** The TLS that clients get. */
  @SchemaCustomizer(value = ListTypes.class, input = "ciphers=atomic")
  @ValidationRule(
      value =
          "!has(self.minVersion) || !has(self.maxVersion) || self.minVersion != 'TLSv1.3' ||"
              + " self.maxVersion == 'TLSv1.3'",
      message = "minVersion must not be newer than maxVersion",
      fieldPath = ".minVersion")
  public record Tls(
      @JsonPropertyDescription("The oldest version: TLSv1.2 or TLSv1.3.") @Default("TLSv1.2")
          @Nullable TlsVersion minVersion,
      @JsonPropertyDescription("The newest version: TLSv1.2 or TLSv1.3.") @Default("TLSv1.3")
          @Nullable TlsVersion maxVersion,
      @JsonPropertyDescription(
              "The cipher suites of TLS 1.2 by their IANA names, the preferred one first; those of"
                  + " TLS 1.3 are always on. Absent: ECDHE with AES-GCM or ChaCha20-Poly1305.")
          @Size(min = 1, max = 32)
          @Nullable List<@Pattern("^TLS_[A-Z0-9_]+$") @Size(min = 5, max = 64) String> ciphers) {

    public Tls {
      ciphers = ImmutableLists.copy("ciphers", ciphers);
    }
  }

  /** The versions of TLS. */
  public enum TlsVersion {
    @JsonProperty("TLSv1.2")
    TLS_1_2,
    @JsonProperty("TLSv1.3")
    TLS_1_3
  }

  /** Strict-Transport-Security (RFC 6797). */
  public record Hsts(
      @JsonPropertyDescription("How long browsers remember it; 0s makes them forget.")
          @Required
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String maxAge,
      @JsonPropertyDescription("Whether it holds for the host's subdomains: Exclude or Include.")
          @Default("Exclude")
          @Nullable Subdomains subdomains) {}

  /** Whether something holds for subdomains. */
  public enum Subdomains {
    @JsonProperty("Exclude")
    EXCLUDE,
    @JsonProperty("Include")
    INCLUDE
  }

  /** Whom a host belongs to. */
  public enum HostOwnership {
    @JsonProperty("Namespace")
    NAMESPACE,
    @JsonProperty("Shared")
    SHARED
  }

  /** What routes get that don't say otherwise. */
  @ValidationRule(
      value =
          "!has(self.policy) || !has(self.policy.headers) || !has(self.policy.headers.request) ||"
              + " !has(self.policy.headers.request.set) || self.policy.headers.request.set.all(h,"
              + " !has(h.valueFrom))",
      message =
          "a Secret belongs to a namespace, and defaults to none: give value, or set the header in"
              + " the routes",
      fieldPath = ".policy.headers.request.set",
      reason = "FieldValueForbidden")
  public record Defaults(
      @JsonPropertyDescription(
              "The policy below every route's policy, which goes over it leaf by leaf.")
          @Nullable Policy policy) {}

  /** How a data plane ends: it waits, closes its tunnels over a window, and cuts the rest. */
  public record ProcessDrain(
      @JsonPropertyDescription("How long it goes on as before, until nobody sends new connections.")
          @Default("5s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String delay,
      @JsonPropertyDescription("The time over which the tunnels are closed with 1001.")
          @Default("60s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String window,
      @JsonPropertyDescription(
              "How long a tunnel has from its Close until its connections are cut.")
          @Default("5s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String deadline) {}

  /** What is written to the access log. */
  public enum AccessLog {
    @JsonProperty("All")
    ALL,
    @JsonProperty("Errors")
    ERRORS,
    @JsonProperty("Disabled")
    DISABLED
  }

  /** The bounds of requests; past them a request is answered with 414, 431, 413 or 408. */
  public record Bounds(
      @JsonPropertyDescription("The request line; past it 414.")
          @Default("8Ki")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String requestLineBytes,
      @JsonPropertyDescription("All headers of a request together; past it 431.")
          @Default("32Ki")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String headerBytes,
      @JsonPropertyDescription("The number of headers of a request; past it 431.")
          @Default("100")
          @Min(1)
          @Max(10_000)
          @Nullable Integer headerCount,
      @JsonPropertyDescription("The body of a plain request; past it 413. 0: no limit.")
          @Default("0")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String bodyBytes,
      @JsonPropertyDescription(
              "From a request's first byte to the end of its headers; past it 408.")
          @Default("10s")
          @Pattern(Formats.DURATION)
          @Size(max = Formats.DURATION_MAX)
          @Nullable String headerTimeout) {}

  /** Where HTTP/2 is spoken with clients. */
  public record Http2(
      @JsonPropertyDescription(
              "On TLS listeners, where it is offered beside HTTP/1.1 by ALPN: Enabled or Disabled.")
          @Default("Enabled")
          @Nullable Http2Use https,
      @JsonPropertyDescription(
              "On listeners in the clear, with clients that begin with it (prior knowledge):"
                  + " Disabled or Enabled.")
          @Default("Disabled")
          @Nullable Http2Use http,
      @JsonPropertyDescription(
              "Requests and WebSockets that a client has open on one connection; past it a stream"
                  + " is refused.")
          @Default("100")
          @Min(1)
          @Max(1000)
          @Nullable Integer maxConcurrentStreams) {}

  /** Whether HTTP/2 is spoken. */
  public enum Http2Use {
    @JsonProperty("Enabled")
    ENABLED,
    @JsonProperty("Disabled")
    DISABLED
  }

  /** What the resources of one namespace may come to together. */
  @SchemaCustomizer(value = ListTypes.class, input = "namespaces=map:namespace")
  public record Quotas(
      @JsonPropertyDescription("Rules: hosts times locations.") @Min(0) @Max(100_000_000)
          @Nullable Integer rules,
      @JsonPropertyDescription("Upstreams.") @Min(0) @Max(100_000_000) @Nullable Integer pools,
      @JsonPropertyDescription("Endpoints, counted for each upstream that has them.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer endpoints,
      @JsonPropertyDescription("References to Secrets and ConfigMaps that hold certificates.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer certificates,
      @JsonPropertyDescription("What all of it takes in the routing table.")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String bytes,
      @JsonPropertyDescription(
              "Namespaces with quotas of their own; what one doesn't say it has from above.")
          @Size(max = 256)
          @Nullable List<NamespaceQuota> namespaces) {

    public Quotas {
      namespaces = ImmutableLists.copy("namespaces", namespaces);
    }
  }

  /** The quotas of one namespace. */
  public record NamespaceQuota(
      @JsonPropertyDescription("The namespace's name.")
          @Required
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String namespace,
      @JsonPropertyDescription("Rules: hosts times locations.") @Min(0) @Max(100_000_000)
          @Nullable Integer rules,
      @JsonPropertyDescription("Upstreams.") @Min(0) @Max(100_000_000) @Nullable Integer pools,
      @JsonPropertyDescription("Endpoints, counted for each upstream that has them.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer endpoints,
      @JsonPropertyDescription("References to Secrets and ConfigMaps that hold certificates.")
          @Min(0)
          @Max(100_000_000)
          @Nullable Integer certificates,
      @JsonPropertyDescription("What all of it takes in the routing table.")
          @Pattern(Formats.BYTES)
          @Size(max = Formats.BYTES_MAX)
          @Nullable String bytes) {}

  /** Where data planes listen beside the addresses of their flags. */
  @SchemaCustomizer(value = ListTypes.class, input = "hosts=set proxyProtocolFrom=set")
  @ValidationRule(
      value = "!has(self.tls) || self.protocol == 'HTTPS'",
      message = "tls is for protocol: HTTPS",
      fieldPath = ".tls",
      reason = "FieldValueForbidden")
  @ValidationRule(
      value = "!has(self.address) || isIP(self.address)",
      message = "address must be an IPv4 or IPv6 address",
      fieldPath = ".address")
  @ValidationRule(
      value = "!has(self.proxyProtocolFrom) || self.proxyProtocolFrom.all(r, isCIDR(r))",
      message = "proxyProtocolFrom must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32",
      fieldPath = ".proxyProtocolFrom")
  public record Listener(
      @JsonPropertyDescription("By which logs, metrics and readiness tell of it.")
          @Required
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String name,
      @JsonPropertyDescription(
              "The port. The data plane may have to be allowed to listen below 1024.")
          @Required
          @Min(1)
          @Max(65_535)
          @Nullable Integer port,
      @JsonPropertyDescription("What clients speak: HTTP (in the clear) or HTTPS.") @Required
          @Nullable ListenerProtocol protocol,
      @JsonPropertyDescription(
              "An address of the machine or pod, IPv4 or IPv6. Absent: all that it has.")
          @Pattern(Formats.ADDRESS)
          @Size(max = Formats.ADDRESS_MAX)
          @Nullable String address,
      @JsonPropertyDescription(
              "The names that are served there, exact or *.example.com (one label). Requests for"
                  + " others get 404, or 421 over TLS. Absent or empty: all.")
          @Size(max = 256)
          @Nullable List<@Pattern(Formats.HOST) @Size(min = 1, max = Formats.HOST_MAX) String>
              hosts,
      @JsonPropertyDescription("The versions of TLS there. What it doesn't say is as in spec.tls.")
          @Nullable ListenerTls tls,
      @JsonPropertyDescription(
              "Whether connections begin with a PROXY protocol header there: Disabled or Required."
                  + " Absent: as in spec.proxyProtocol.")
          @Nullable ProxyProtocol proxyProtocol,
      @JsonPropertyDescription(
              "The ranges of the balancers whose PROXY headers are believed there. Absent: as in"
                  + " spec.proxyProtocolFrom.")
          @Size(max = 256)
          @Nullable List<@Pattern(Formats.CIDR) @Size(min = 3, max = Formats.CIDR_MAX) String>
              proxyProtocolFrom) {

    public Listener {
      hosts = ImmutableLists.copy("hosts", hosts);
      proxyProtocolFrom = ImmutableLists.copy("proxyProtocolFrom", proxyProtocolFrom);
    }
  }

  /** What clients of a listener speak. */
  public enum ListenerProtocol {
    @JsonProperty("HTTP")
    HTTP,
    @JsonProperty("HTTPS")
    HTTPS
  }

  /** The versions of TLS at one listener. */
  @ValidationRule(
      value =
          "!has(self.minVersion) || !has(self.maxVersion) || self.minVersion != 'TLSv1.3' ||"
              + " self.maxVersion == 'TLSv1.3'",
      message = "minVersion must not be newer than maxVersion",
      fieldPath = ".minVersion")
  public record ListenerTls(
      @JsonPropertyDescription("The oldest version: TLSv1.2 or TLSv1.3.")
          @Nullable TlsVersion minVersion,
      @JsonPropertyDescription("The newest version: TLSv1.2 or TLSv1.3.")
          @Nullable TlsVersion maxVersion) {}
}
