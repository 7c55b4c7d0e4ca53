package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows a Service of our own, above all that of the data planes: where clients reach them, which
 * pods are ready, and everything that is us.
 *
 * <p>Thread-safe.
 */
public final class DataPlaneService implements AutoCloseable {
  private final Feed<Service> services;
  private final Feed<EndpointSlice> slices;
  private final Set<Integer> morePorts;
  private final Consumer<State> onChange;
  private final Map<ResourceRef, EndpointSlice> present = new HashMap<>();
  private @Nullable Service service;
  private volatile State state = State.NONE;

  /**
   * What there is.
   *
   * @param pods names of the pods that are ready
   * @param addresses of the load balancer, as IP addresses or host names; else the external IPs
   * @param own where a connection would come to these pods, ready or not
   */
  public record State(Set<String> pods, List<String> addresses, OwnAddresses own) {
    /** Nothing is known yet. */
    public static final State NONE = new State(Set.of(), List.of(), OwnAddresses.NONE);

    public State {
      pods = Set.copyOf(pods);
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * @param morePorts where pods listen besides the Service's ports
   * @param onChange hears of every change, one at a time, on the threads of the informers
   * @param part of the watch; hears of a feed that ends
   */
  public DataPlaneService(
      KubernetesClient client,
      String namespace,
      String name,
      Set<Integer> morePorts,
      Consumer<State> onChange,
      Part part) {
    this.morePorts = Set.copyOf(morePorts);
    this.onChange = onChange;
    this.services =
        new Feed<>(
            "the data plane's Service " + namespace + "/" + name,
            Kind.SERVICE,
            () -> client.services().inNamespace(namespace).withField("metadata.name", name),
            new ServiceSink(),
            part);
    this.slices =
        new Feed<>(
            "EndpointSlices of the data plane's Service " + namespace + "/" + name,
            Kind.ENDPOINT_SLICE,
            () ->
                client
                    .resources(EndpointSlice.class)
                    .inNamespace(namespace)
                    .withLabel("kubernetes.io/service-name", name),
            new SliceSink(),
            part);
  }

  /** What there is now. */
  public State state() {
    return state;
  }

  /** Lists and watches; returns at once. */
  public void start() {
    services.start();
    slices.start();
  }

  /** Completes when the first lists were read. */
  public CompletableFuture<Void> synced() {
    return CompletableFuture.allOf(services.synced(), slices.synced());
  }

  /** Lists everything anew: see {@link ClusterSource#restart}. */
  public void restart() {
    services.restart();
    slices.restart();
  }

  @Override
  public void close() {
    services.close();
    slices.close();
  }

  private synchronized void settle() {
    Set<String> pods = new TreeSet<>();
    for (EndpointSlice slice : present.values()) {
      if (slice.getEndpoints() != null) {
        slice.getEndpoints().forEach(endpoint -> addReady(pods, endpoint));
      }
    }
    State now =
        new State(pods, addresses(service), OwnSockets.of(service, present.values(), morePorts));
    if (!now.equals(state)) {
      state = now;
      onChange.accept(now);
    }
  }

  private static void addReady(Set<String> pods, Endpoint endpoint) {
    boolean ready =
        endpoint.getConditions() == null
            || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    if (ready
        && endpoint.getTargetRef() != null
        && "Pod".equals(endpoint.getTargetRef().getKind())) {
      pods.add(endpoint.getTargetRef().getName());
    }
  }

  private static List<String> addresses(@Nullable Service service) {
    List<String> addresses = new ArrayList<>();
    if (service == null) {
      return addresses;
    }
    if (service.getStatus() != null
        && service.getStatus().getLoadBalancer() != null
        && service.getStatus().getLoadBalancer().getIngress() != null) {
      for (LoadBalancerIngress ingress : service.getStatus().getLoadBalancer().getIngress()) {
        if (ingress.getIp() != null && !ingress.getIp().isEmpty()) {
          addresses.add(ingress.getIp());
        } else if (ingress.getHostname() != null && !ingress.getHostname().isEmpty()) {
          addresses.add(ingress.getHostname());
        }
      }
    }
    if (addresses.isEmpty()
        && service.getSpec() != null
        && service.getSpec().getExternalIPs() != null) {
      addresses.addAll(service.getSpec().getExternalIPs());
    }
    return addresses;
  }

  private final class ServiceSink implements Feed.Sink<Service> {
    @Override
    public void put(Feed<?> from, Service resource) {
      synchronized (DataPlaneService.this) {
        service = resource;
        settle();
      }
    }

    @Override
    public void remove(Feed<?> from, ResourceRef ref) {
      synchronized (DataPlaneService.this) {
        service = null;
        settle();
      }
    }
  }

  private final class SliceSink implements Feed.Sink<EndpointSlice> {
    @Override
    public void put(Feed<?> from, EndpointSlice slice) {
      synchronized (DataPlaneService.this) {
        present.put(ResourceRef.of((HasMetadata) slice), slice);
        settle();
      }
    }

    @Override
    public void remove(Feed<?> from, ResourceRef ref) {
      synchronized (DataPlaneService.this) {
        present.remove(ref);
        settle();
      }
    }
  }
}
