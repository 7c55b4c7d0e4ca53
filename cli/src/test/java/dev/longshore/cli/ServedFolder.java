package dev.longshore.cli;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.standalone.Standalone;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder's manifests served by {@code standalone}, with a backend for each Service that has no
 * EndpointSlice: it answers every GET with the Service's name, but {@code /oauth2/auth} as
 * oauth2-proxy does.
 */
final class ServedFolder implements AutoCloseable {
  /** The path of a Service that answers for others: to {@code session=good} alone 2xx. */
  private static final String AUTH = "/oauth2/auth";

  private static final String SERVICE = "kubernetes.io/service-name";

  private final Path folder;
  private final Standalone standalone;
  private final Map<String, HttpServer> backends = new HashMap<>();
  private volatile PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();

  /** What came back, the names of fields in lower case, more of one joined by line feeds. */
  record Answer(int status, Map<String, String> fields, String body) {
    /** Empty when there is none. */
    String location() {
      return fields.getOrDefault("location", "");
    }
  }

  private ServedFolder(Path folder) {
    this.folder = folder;
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.standalone =
        new Standalone(
            folder,
            new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.NIO),
            (source, watch) -> new Listener());
  }

  /**
   * Copies manifests and serves the copy.
   *
   * @param folder an empty one
   */
  static ServedFolder of(Path manifests, Path folder) throws IOException, StartException {
    try (Stream<Path> files = Files.walk(manifests)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(manifests.relativize(file).toString());
        Files.createDirectories(Objects.requireNonNull(copy.getParent()));
        Files.copy(file, copy);
      }
    }
    ServedFolder served = new ServedFolder(folder);
    served.backends();
    served.standalone.start();
    return served;
  }

  /** The verdicts of all resources. */
  PersistentMap<ResourceRef, Verdict> verdicts() {
    return verdicts;
  }

  /** Adds or replaces a file, and waits until a resource of it, or of another one, is judged so. */
  void save(String name, String text, ResourceRef resource, boolean serves) throws IOException {
    Files.writeString(folder.resolve(name), text);
    backends();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              Verdict verdict = verdicts.get(resource);
              return verdict != null && verdict.serves() == serves;
            });
  }

  /** Removes a file, and waits until a resource of it is gone. */
  void remove(String name, ResourceRef resource) throws IOException {
    Files.delete(folder.resolve(name));
    await().atMost(Duration.ofSeconds(30)).until(() -> verdicts.get(resource) == null);
  }

  /** Asks in the clear, whatever the address says of names and ports. */
  Answer get(URI uri) throws IOException {
    return get(uri, Map.of());
  }

  /** Asks so with further header fields, of which Connection goes before {@code close}. */
  Answer get(URI uri, Map<String, String> headers) throws IOException {
    return ask("GET", uri, headers);
  }

  /** The same by another method. */
  Answer ask(String method, URI uri, Map<String, String> headers) throws IOException {
    StringBuilder fields = new StringBuilder();
    headers.forEach((name, value) -> fields.append(name).append(": ").append(value).append("\r\n"));
    InetSocketAddress to = standalone.dataPlane().boundHttp().getFirst();
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              (method
                      + " "
                      + uri.getRawPath()
                      + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                      + " HTTP/1.1\r\nHost: "
                      + uri.getRawAuthority()
                      + (headers.containsKey("Connection") ? "\r\n" : "\r\nConnection: close\r\n")
                      + fields
                      + "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String status = Objects.requireNonNullElse(in.readLine(), "HTTP/1.1 0 nothing");
      Map<String, String> answered = new TreeMap<>();
      String line;
      while ((line = in.readLine()) != null && !line.isEmpty()) {
        int colon = line.indexOf(':');
        answered.merge(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip(),
            (one, other) -> one + "\n" + other);
      }
      StringBuilder body = new StringBuilder();
      while ((line = in.readLine()) != null) {
        body.append(line);
      }
      return new Answer(Integer.parseInt(status.split(" ")[1]), answered, body.toString());
    }
  }

  /** Endpoints for Services that have none: as the cluster would make them of Pods. */
  private void backends() throws IOException {
    try (FolderSource source = new FolderSource(folder)) {
      FolderReading reading = source.read();
      Set<String> known = new HashSet<>();
      reading
          .view()
          .endpointSlices()
          .forEach(
              (ref, slice) ->
                  known.add(ref.namespace() + "/" + slice.getMetadata().getLabels().get(SERVICE)));
      Map<ResourceRef, Service> services = new TreeMap<>();
      reading.view().services().forEach(services::put);
      for (Map.Entry<ResourceRef, Service> service : services.entrySet()) {
        ResourceRef ref = service.getKey();
        if (known.contains(ref.namespace() + "/" + ref.name())
            || service.getValue().getSpec().getPorts() == null) {
          continue;
        }
        HttpServer backend = backend(ref.name());
        Files.writeString(
            folder.resolve("endpoints-of-" + ref.namespace() + "-" + ref.name() + ".yaml"),
            slice(ref, service.getValue(), backend.getAddress().getPort()));
      }
    }
  }

  private static String slice(ResourceRef ref, Service service, int port) {
    StringBuilder ports = new StringBuilder();
    for (ServicePort each : service.getSpec().getPorts()) {
      ports
          .append(ports.isEmpty() ? "" : ", ")
          .append("{name: \"")
          .append(Objects.requireNonNullElse(each.getName(), ""))
          .append("\", port: ")
          .append(port)
          .append('}');
    }
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: NAME-1, namespace: NAMESPACE, labels: {kubernetes.io/service-name: NAME}}
    addressType: IPv4
    ports: [PORTS]
    endpoints: [{addresses: [127.0.0.1]}]
    """
        .replace("NAMESPACE", ref.namespace())
        .replace("NAME", ref.name())
        .replace("PORTS", ports);
  }

  private HttpServer backend(String name) throws IOException {
    HttpServer known = backends.get(name);
    if (known != null) {
      return known;
    }
    HttpServer backend =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = name.getBytes(StandardCharsets.US_ASCII);
    backend.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestURI().getPath().equals(AUTH)) {
            authorize(exchange);
            return;
          }
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    backend.start();
    backends.put(name, backend);
    return backend;
  }

  /** As oauth2-proxy answers: who has a session passes, and others may begin one. */
  private static void authorize(HttpExchange exchange) throws IOException {
    String cookies = String.valueOf(exchange.getRequestHeaders().getFirst("Cookie"));
    boolean known = cookies.contains("session=good");
    exchange
        .getResponseHeaders()
        .add(known ? "X-Auth-User" : "Set-Cookie", known ? "jane" : "csrf=1");
    exchange.sendResponseHeaders(known ? 202 : cookies.contains("session=bad") ? 403 : 401, -1);
    exchange.close();
  }

  @Override
  public void close() {
    standalone.close();
    backends.values().forEach(backend -> backend.stop(0));
  }

  private final class Listener implements Standalone.Reporter {
    @Override
    public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {}

    @Override
    public void judged(FolderReading reading, Translation translation) {
      verdicts = translation.verdicts();
    }
  }
}
