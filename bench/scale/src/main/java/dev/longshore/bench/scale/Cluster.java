package dev.longshore.bench.scale;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The resources: hosts with a Service of their own each, which has three endpoints, and routes that
 * share the hosts evenly. Ten hosts a namespace.
 */
final class Cluster {
  /** The operator's and the data planes' namespace. */
  static final String SYSTEM = "longshore-system";

  private static final int HOSTS_PER_NAMESPACE = 10;
  private static final int WRITERS = 16;

  private final KubernetesClient client;
  private final int routes;
  private final int hosts;

  /** Installs what {@code deploy/} would, but the pods. */
  Cluster(KubeApiServer server, Path root, int routes, int hosts, int dataPlanes)
      throws IOException {
    this.client = server.admin();
    this.routes = routes;
    this.hosts = hosts;
    server.applyCrds();
    server.ensureNamespace(SYSTEM, "longshore-operator", "longshore-dataplane");
    try (InputStream rbac = Files.newInputStream(root.resolve("deploy/base/operator/rbac.yaml"))) {
      client.load(rbac).items().forEach(item -> client.resource(item).serverSideApply());
    }
    StringBuilder pods = new StringBuilder();
    for (int i = 1; i <= dataPlanes; i++) {
      pods.append(
          "- {addresses: [10.2.0.%1$d], targetRef: {kind: Pod, name: node-%1$d, namespace: %2$s}}\n"
              .formatted(i, SYSTEM));
    }
    read("""
    apiVersion: networking.k8s.io/v1
    kind: IngressClass
    metadata: {name: longshore}
    spec: {controller: longshore.dev/ingress-controller}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: longshore-dataplane-1
      namespace: longshore-system
      labels: {kubernetes.io/service-name: longshore-dataplane}
    addressType: IPv4
    ports: [{port: 8080, protocol: TCP}]
    endpoints:
    """
            + pods)
        .forEach(item -> client.resource(item).serverSideApply());
  }

  /** Creates Services, EndpointSlices and routes, many at a time. */
  void fill() throws InterruptedException {
    all(
        IntStream.range(0, hosts / HOSTS_PER_NAMESPACE + 1)
            .mapToObj(
                i ->
                    """
                    apiVersion: v1
                    kind: Namespace
                    metadata: {name: team-%d}
                    """
                        .formatted(i))
            .toList());
    all(IntStream.range(0, hosts).mapToObj(this::service).toList());
    all(IntStream.range(0, routes).mapToObj(i -> route(i, "/r" + i)).toList());
  }

  private void all(List<String> manifests) throws InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<Future<?>> done = new ArrayList<>();
      for (String manifest : manifests) {
        done.add(
            threads.submit(() -> read(manifest).forEach(item -> client.resource(item).create())));
      }
      for (Future<?> one : done) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static String namespace(int host) {
    return "team-" + host / HOSTS_PER_NAMESPACE;
  }

  private String service(int host) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: s%1$d, namespace: %2$s}
    spec: {ports: [{port: 80}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: s%1$d-1
      namespace: %2$s
      labels: {kubernetes.io/service-name: s%1$d}
    addressType: IPv4
    ports: [{port: 8080, protocol: TCP}]
    endpoints:
    - {addresses: [10.1.0.1]}
    - {addresses: [10.1.0.2]}
    - {addresses: [10.1.0.3]}
    """
        .formatted(host, namespace(host));
  }

  private String route(int number, String path) {
    int host = number % hosts;
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: r%1$d, namespace: %2$s}
    spec:
      ingressClassName: longshore
      hosts: [h%3$d.example.com]
      upstreams:
      - {name: main, service: {name: s%3$d, port: {number: 80}}}
      locations:
      - {path: %4$s, pathType: Prefix, upstream: main}
    """
        .formatted(number, namespace(host), host, path);
  }

  /** Gives a route another path. */
  void editRoute(int number, String path) {
    patch(
        "longshore.dev/v1alpha1",
        "WebSocketRoute",
        namespace(number % hosts),
        "r" + number,
        "[{\"op\":\"replace\",\"path\":\"/spec/locations/0/path\",\"value\":\"" + path + "\"}]");
  }

  /** Gives the last endpoint of a host another address. */
  void editEndpoint(int host, String address) {
    patch(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace(host),
        "s" + host + "-1",
        "[{\"op\":\"replace\",\"path\":\"/endpoints/2/addresses/0\",\"value\":\""
            + address
            + "\"}]");
  }

  private void patch(String version, String kind, String namespace, String name, String patch) {
    client
        .genericKubernetesResources(version, kind)
        .inNamespace(namespace)
        .withName(name)
        .patch(PatchContext.of(PatchType.JSON), patch);
  }

  /** What data planes trust; null: the operator hasn't made it yet. */
  @Nullable String ca() {
    var map = client.configMaps().inNamespace(SYSTEM).withName("longshore-operator-ca").get();
    return map == null ? null : map.getData().get("ca.crt");
  }

  private List<HasMetadata> read(String yaml) {
    return client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items();
  }
}
