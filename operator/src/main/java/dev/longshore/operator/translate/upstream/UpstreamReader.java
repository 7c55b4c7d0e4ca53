package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.field.Addresses;
import dev.longshore.operator.translate.field.Fields;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.secret.CredentialsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads one upstream: checks its fields, finds its Service and port, makes it a pool. */
public final class UpstreamReader {
  private static final int MOST_ENDPOINTS = 256;
  private static final int MOST_CONNECTIONS = 10_000_000;

  private final TranslatorOptions options;
  private final References references;
  private final Addresses addresses;
  private final CredentialsReader credentials;

  public UpstreamReader(TranslatorOptions options, References references) {
    this.options = options;
    this.references = references;
    this.credentials = new CredentialsReader(references.certificates());
    this.addresses = new Addresses(options.standalone());
  }

  /**
   * The pool.
   *
   * @param key its name
   * @param path from a field of the upstream ({@code service.port}) to its field path
   * @param problems hears of what is wrong
   * @return null if there was a fault
   */
  public @Nullable PoolClaim read(
      PoolKey key, Upstream upstream, UnaryOperator<String> path, Problems problems) {
    Fields fields = new Fields(path, problems);
    UpstreamTlsReader.Read tls =
        new UpstreamTlsReader(references, credentials, path, problems).read(upstream.tls());
    BalancingReader balancing = new BalancingReader(upstream, fields);
    Duration slowStart = balancing.slowStart();
    HashOn hashOn = balancing.hashOn();
    Rebalance rebalance = balancing.rebalance();
    Keepalive keepalive = keepalive(upstream, fields);
    Affinity affinity =
        new AffinityReader(options.affinityKey(), references, fields)
            .read(key, upstream.affinity());
    HealthCheck health = new HealthReader(fields).read(upstream.healthCheck());
    Integer most = maxConnections(upstream, fields);
    ServiceRef service = upstream.service();
    List<Upstream.Endpoint> endpoints = upstream.endpoints();
    if ((service == null) == (endpoints == null)) {
      problems.fault(
          Reason.INVALID, path.apply("service"), "give exactly one of service and endpoints");
      return null;
    }
    EndpointSet fixed = endpoints == null ? null : fixed(key, endpoints, path, problems);
    Found found =
        service == null
            ? fixed == null ? null : new Found(fixed.key(), null)
            : service(service, path, problems);
    if (found == null || problems.hasFault()) {
      return null;
    }
    Spoken spoken = Spoken.of(upstream, found.appProtocol(), path.apply("service.port"), problems);
    boolean secure = spoken.secure();
    if (problems.hasFault()) {
      return null;
    }
    if (!spoken.http2() && isAskedByGrpc(health)) {
      problems.fault(
          Reason.INVALID,
          path.apply("healthCheck.active.type"),
          "gRPC probes go by HTTP/2: write protocol: grpc, h2 or h2c");
      return null;
    }
    if (secure && upstream.protocol() == null && upstream.tls() == null) {
      problems.note(
          Reason.TRANSLATED,
          path.apply("service.port"),
          "its appProtocol "
              + Quote.of(found.appProtocol())
              + " is TLS, and the endpoints' certificates are verified by the system's authorities;"
              + " if theirs are others the answer is 502");
    }
    if (!secure && upstream.tls() != null) {
      problems.note(
          Reason.INVALID,
          path.apply("tls"),
          "has no effect, because endpoints are spoken to in the clear: write protocol: wss or h2,"
              + " or remove it");
    }
    return new PoolClaim(
        UpstreamPool.of(
            key,
            found.set(),
            balancing.policy(),
            slowStart,
            keepalive,
            secure ? tls.tls() : null,
            hashOn,
            affinity,
            health,
            most == null ? null : new UpstreamPool.EndpointLimit(most),
            rebalance,
            spoken.http2() ? UpstreamPool.Protocol.HTTP_2 : null),
        path.apply(service == null ? "endpoints" : "service"),
        fixed,
        secure ? tls.credentials() : null);
  }

  private static boolean isAskedByGrpc(@Nullable HealthCheck health) {
    return health != null
        && health.active() != null
        && health.active().type() == UpstreamPool.Probe.GRPC;
  }

  private static Keepalive keepalive(Upstream upstream, Fields fields) {
    Upstream.Keepalive keepalive = upstream.keepalive();
    Keepalive defaults = Keepalive.DEFAULT;
    return keepalive == null
        ? defaults
        : new Keepalive(
            fields.number(
                "keepalive.idleConnections",
                keepalive.idleConnections(),
                defaults.idleConnections(),
                0,
                10_000),
            fields.duration(
                "keepalive.idleTimeout",
                keepalive.idleTimeout(),
                defaults.idleTimeout(),
                Duration.ZERO));
  }

  private static @Nullable Integer maxConnections(Upstream upstream, Fields fields) {
    Integer most = upstream.maxConnectionsPerEndpoint();
    return most == null
        ? null
        : Integer.valueOf(fields.number("maxConnectionsPerEndpoint", most, 1, 1, MOST_CONNECTIONS));
  }

  private @Nullable EndpointSet fixed(
      PoolKey key,
      List<Upstream.Endpoint> endpoints,
      UnaryOperator<String> path,
      Problems problems) {
    if (!options.staticEndpoints()) {
      problems.fault(
          Reason.NOT_ALLOWED,
          path.apply("endpoints"),
          "fixed endpoints are not allowed in this cluster: write service, or have the operator"
              + " allow them");
      return null;
    }
    if (endpoints.isEmpty() || endpoints.size() > MOST_ENDPOINTS) {
      problems.fault(
          Reason.INVALID,
          path.apply("endpoints"),
          "has " + endpoints.size() + " items: from 1 to " + MOST_ENDPOINTS);
      return null;
    }
    List<Endpoint> read = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      Upstream.Endpoint endpoint = endpoints.get(i);
      String at = "endpoints[" + i + "]";
      String address =
          problems.parse(
              path.apply(at + ".address"),
              () -> addresses.parse(Objects.requireNonNullElse(endpoint.address(), "")));
      int port = Objects.requireNonNullElse(endpoint.port(), 0);
      if (port < 1 || port > 65535) {
        problems.fault(
            Reason.INVALID, path.apply(at + ".port"), port + " is not a port: from 1 to 65535");
      } else if (address != null) {
        read.add(new Endpoint(address, port, Endpoint.State.READY));
      }
    }
    return new EndpointSet(FixedEndpoints.of(key), read);
  }

  /**
   * Endpoints, and what their Service says is spoken there.
   *
   * @param appProtocol of the port; null: nothing
   */
  private record Found(EndpointSetKey set, @Nullable String appProtocol) {}

  private @Nullable Found service(ServiceRef ref, UnaryOperator<String> path, Problems problems) {
    String name =
        problems.parse(
            path.apply("service.name"),
            () -> Names.label(Objects.requireNonNullElse(ref.name(), "")));
    String port = port(ref.port(), path, problems);
    if (name == null || port == null) {
      return null;
    }
    Service service = references.service(name);
    if (service == null) {
      problems.fault(
          Reason.SERVICE_NOT_FOUND,
          path.apply("service.name"),
          references.missing(Kind.SERVICE, name));
      return null;
    }
    if (ServicePorts.isExternalName(service) && !options.externalNames()) {
      problems.fault(
          Reason.REF_NOT_PERMITTED,
          path.apply("service.name"),
          "Service "
              + references.namespace()
              + "/"
              + name
              + " is of type ExternalName, and names are not resolved here: write a Service with"
              + " EndpointSlices, or have the operator resolve them (--allow-external-names)");
      return null;
    }
    ServicePort found = ServicePorts.find(service, port);
    if (found == null) {
      problems.fault(
          Reason.PORT_NOT_FOUND,
          path.apply("service.port"),
          "Service "
              + references.namespace()
              + "/"
              + name
              + " has no TCP port "
              + Quote.of(port)
              + ": "
              + ServicePorts.list(service));
      return null;
    }
    // By its number, whichever way it is named: the same port is the same backend.
    return new Found(
        new EndpointSetKey(references.namespace(), name, String.valueOf(found.getPort())),
        found.getAppProtocol());
  }

  private static @Nullable String port(
      ServiceRef.@Nullable Port port, UnaryOperator<String> path, Problems problems) {
    if (port == null || (port.number() == null) == (port.name() == null)) {
      problems.fault(
          Reason.INVALID, path.apply("service.port"), "give exactly one of number and name");
      return null;
    }
    Integer number = port.number();
    String name = port.name();
    if (number != null && (number < 1 || number > 65535)) {
      problems.fault(
          Reason.INVALID,
          path.apply("service.port.number"),
          number + " is not a port: from 1 to 65535");
      return null;
    }
    if (name != null
        && problems.parse(path.apply("service.port.name"), () -> Names.label(name)) == null) {
      return null;
    }
    return ServicePorts.key(port);
  }
}
