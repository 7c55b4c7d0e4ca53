package dev.longshore.cli;

import static org.awaitility.Awaitility.await;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.cli.demo.EchoBackend;
import dev.longshore.operator.Operator;
import dev.longshore.operator.OperatorOptions;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.subscribe.SubscriptionOptions;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * All of Longshore on a real API server: operators, data planes, a backend, and routes to it. In
 * namespaces of its own, so that several may share an API server. What it starts ends with it.
 */
final class Stage implements AutoCloseable {
  private final KubeApiServer server;
  private final Path folder;
  private final String system;
  private final String demo;
  private final InetAddress own = address();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EchoBackend backend;
  private final List<AutoCloseable> open = new ArrayList<>();

  /**
   * Makes the namespaces and starts the backend.
   *
   * @param folder for files; the test's
   */
  Stage(KubeApiServer server, Path folder) throws IOException {
    this.server = server;
    this.folder = folder;
    this.backend = new EchoBackend("backend", new InetSocketAddress(own, 0), loops, path -> null);
    server.applyCrds();
    this.system = server.createNamespace("system", "longshore-dataplane");
    this.demo = server.createNamespace("demo");
    apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: longshore}
        spec: {controller: longshore.dev/ingress-controller}
        """);
  }

  /** An address for the backend: the API server takes no loopback address for an endpoint. */
  private static InetAddress address() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(Inet4Address.class::isInstance)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .findFirst()
          .orElseThrow(
              () ->
                  new TestAbortedException(
                      "needs an IPv4 address beside loopback, which no EndpointSlice may have"));
    } catch (SocketException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The namespace of operator and data planes. */
  String system() {
    return system;
  }

  /** The namespace of routes. */
  String demo() {
    return demo;
  }

  /** The host of a route. */
  String host(String route) {
    return route + "." + demo + ".example.com";
  }

  /** Applies manifests. */
  void apply(String yaml) {
    items(yaml).forEach(item -> server.admin().resource(item).forceConflicts().serverSideApply());
  }

  /** Creates what isn't there yet, many at a time. */
  void create(List<String> manifests) {
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      manifests.forEach(
          yaml ->
              threads.execute(
                  () -> items(yaml).forEach(item -> server.admin().resource(item).create())));
    }
  }

  private List<HasMetadata> items(String yaml) {
    return server
        .admin()
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items();
  }

  /** A Service with the backend for its only endpoint. */
  String service(String name) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: %2$s}
    spec: {ports: [{port: 80}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: %1$s-1
      namespace: %2$s
      labels: {kubernetes.io/service-name: %1$s}
    addressType: IPv4
    ports: [{port: %4$d, protocol: TCP}]
    endpoints: [{addresses: [%3$s]}]
    """
        .formatted(name, demo, own.getHostAddress(), backend.port());
  }

  /** A ConfigMap that nothing refers to. */
  String configMap(String name) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s, namespace: %s}
    """
        .formatted(name, demo);
  }

  /** A route from its host, and these paths of it, to a Service. */
  String route(String name, String service, String... paths) {
    StringBuilder locations = new StringBuilder();
    for (String path : paths.length == 0 ? new String[] {"/"} : paths) {
      locations.append("  - {path: \"" + path + "\", pathType: Prefix, upstream: main}\n");
    }
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: %s, namespace: %s}
    spec:
      ingressClassName: longshore
      hosts: [%s]
      upstreams:
      - {name: main, service: {name: %s, port: {number: 80}}}
      locations:
    """
            .formatted(name, demo, host(name), service)
        + locations;
  }

  /** The resourceVersion of a route. */
  String version(String route) {
    return server
        .admin()
        .resources(WebSocketRoute.class)
        .inNamespace(demo)
        .withName(route)
        .require()
        .getMetadata()
        .getResourceVersion();
  }

  void delete(String route) {
    server.admin().resources(WebSocketRoute.class).inNamespace(demo).withName(route).delete();
  }

  /** Says which data planes there are, as a controller would once their pods are ready. */
  void dataPlanes(String... pods) {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < pods.length; i++) {
      endpoints.append(
          "- {addresses: [10.2.0.%d], targetRef: {kind: Pod, name: %s, namespace: %s}}\n"
              .formatted(i + 1, pods[i], system));
    }
    apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: longshore-dataplane-1
          namespace: %s
          labels: {kubernetes.io/service-name: longshore-dataplane}
        addressType: IPv4
        ports: [{port: 8080, protocol: TCP}]
        endpoints:
        """
                .formatted(system)
            + endpoints);
  }

  /** Starts an operator in this process, on any port; returns at once. */
  Operator operator(String identity) throws IOException {
    return operator(identity, server.url().getPort(), 0);
  }

  /**
   * Starts an operator in this process; returns at once.
   *
   * @param apiServer port of the API server, or of what leads to it
   * @param push where it serves data planes; 0: anywhere
   */
  Operator operator(String identity, int apiServer, int push) throws IOException {
    return operator(
        identity,
        server
            .configuration(server.adminToken())
            .withMasterUrl("https://127.0.0.1:" + apiServer)
            .build(),
        push);
  }

  Operator operator(String identity, Config config, int push) throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    Operator operator =
        new Operator(
            new OperatorOptions(
                new InetSocketAddress(loopback, push),
                new InetSocketAddress(loopback, 0),
                system,
                identity,
                Set.of(demo),
                Set.of(),
                false,
                false,
                List.of("192.0.2.7"),
                "longshore-dataplane",
                "longshore-dataplane",
                "localhost"),
            config);
    open.add(operator);
    operator.start();
    return operator;
  }

  /** Waits until it serves data planes; its port. */
  static int port(Operator operator) {
    patience().until(() -> operator.missing().isEmpty());
    return operator.pushAddress().getPort();
  }

  /** The file of what data planes trust; waits until the leader has made it. */
  Path ca() throws IOException {
    ConfigMap bundle =
        patience()
            .until(
                () ->
                    server
                        .admin()
                        .configMaps()
                        .inNamespace(system)
                        .withName("longshore-operator-ca")
                        .get(),
                Objects::nonNull);
    return Files.writeString(folder.resolve("ca.crt"), bundle.getData().get("ca.crt"));
  }

  /** The token that a data plane shows; it is bound to its pod. */
  String token(String node) {
    return server.podToken(system, "longshore-dataplane", node, "longshore-push");
  }

  /** Starts a data plane in this process that follows an operator of this machine. */
  DataPlane dataPlane(String node, int operator) throws IOException {
    return dataPlane(
        node, operator, Files.writeString(folder.resolve(node + ".token"), token(node)));
  }

  DataPlane dataPlane(String node, int operator, Path token) throws IOException {
    DataPlane dataPlane = unsubscribed();
    open.add(dataPlane);
    dataPlane.start();
    dataPlane.subscribe(
        new SubscriptionOptions("localhost", operator, ca(), token, null, node, "default", "test"));
    return dataPlane;
  }

  /** A data plane that follows nobody and is not started. */
  static DataPlane unsubscribed() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    return new DataPlane(
        new DataPlaneOptions(List.of(any), List.of(), any, any, 1, DataPlaneOptions.Transport.AUTO),
        OutputStream.nullOutputStream());
  }

  /** Where a data plane serves. */
  static int port(DataPlane dataPlane) {
    return dataPlane.boundHttp().getFirst().getPort();
  }

  /** The text of a page of a data plane or operator. */
  static String page(InetSocketAddress address, String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@code /readyz?verbose} of a data plane says. */
  static String readiness(DataPlane dataPlane) {
    return page(dataPlane.boundMetrics(), "/readyz?verbose");
  }

  /** Waits until a host, or a path of it, answers with a status. */
  void awaitStatus(DataPlane dataPlane, String route, String path, int status) {
    awaitStatus(port(dataPlane), route, path, status);
  }

  void awaitStatus(int port, String route, String path, int status) {
    patience().until(() -> RawTunnel.status(port, host(route), path), found -> found == status);
  }

  /** Waits until the status of a route's present generation has a condition like this. */
  Condition awaitCondition(String route, String type, Predicate<Condition> like) {
    return Objects.requireNonNull(
        patience()
            .until(
                () -> condition(route, type),
                condition -> condition != null && like.test(condition)));
  }

  Condition awaitProgrammed(String route) {
    return awaitCondition(route, "Programmed", condition -> "True".equals(condition.status()));
  }

  private @Nullable Condition condition(String name, String type) {
    WebSocketRoute route =
        server.admin().resources(WebSocketRoute.class).inNamespace(demo).withName(name).require();
    if (route.getStatus() == null || route.getStatus().conditions() == null) {
      return null;
    }
    return route.getStatus().conditions().stream()
        .filter(condition -> type.equals(condition.type()))
        .filter(
            condition ->
                Objects.equals(condition.observedGeneration(), route.getMetadata().getGeneration()))
        .findFirst()
        .orElse(null);
  }

  /** Ends it before the stage does. */
  void end(AutoCloseable one) throws Exception {
    open.remove(one);
    one.close();
  }

  static ConditionFactory patience() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    backend.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
