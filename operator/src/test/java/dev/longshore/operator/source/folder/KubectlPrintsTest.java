package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.testkube.KubeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind that is read, exactly as an API server holds it (managedFields, status, defaults, all
 * integers), in the two forms in which {@code kubectl get -o} prints it.
 */
final class KubectlPrintsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KubeApiServer SERVER = KubeApiServer.shared();
  private static String namespace = "";

  @TempDir Path folder;

  @BeforeAll
  static void apply() {
    SERVER.applyCrds();
    namespace = SERVER.createNamespace("printed");
    new Cluster(SERVER)
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: NS}
            spec:
              selector: {app: web}
              ports:
              - {name: http, port: 80, targetPort: 8080, nodePort: 30080}
              - {name: named, port: 81, targetPort: http}
              type: NodePort
              sessionAffinity: ClientIP
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, namespace: NS, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            ports: [{name: http, port: 8080, protocol: TCP, appProtocol: kubernetes.io/ws}]
            endpoints:
            - addresses: [10.0.0.1]
              conditions: {ready: true, serving: true, terminating: false}
              hints: {forZones: [{name: a}]}
              targetRef: {kind: Pod, name: web-0, namespace: NS, uid: a-b}
              nodeName: n
              zone: a
            ---
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: {name: printed-NS}
            spec:
              controller: longshore.dev/ingress-controller
              parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: printed-NS, scope: Cluster}
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: web, namespace: NS, annotations: {longshore.dev/idle-timeout: 1h}}
            spec:
              ingressClassName: printed-NS
              defaultBackend: {service: {name: web, port: {number: 80}}}
              tls: [{hosts: [a.example.com], secretName: cert}]
              rules:
              - host: a.example.com
                http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: cert, namespace: NS}
            type: Opaque
            stringData: {a: b}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: ca, namespace: NS}
            data: {a: "8080", b: "true"}
            binaryData: {c: AAECAw==}
            ---
            apiVersion: longshore.dev/v1alpha1
            kind: LongshoreConfig
            metadata: {name: printed-NS}
            spec: {trustedProxies: [10.0.0.0/8], defaults: {policy: {limits: {connectionsPerClient: 20}}}}
            ---
            apiVersion: longshore.dev/v1alpha1
            kind: WebSocketRoute
            metadata: {name: chat, namespace: NS}
            spec:
              ingressClassName: printed-NS
              hosts: [chat.example.com]
              upstreams:
              - name: web
                service: {name: web, port: {number: 80}}
                maxConnectionsPerEndpoint: 100
                healthCheck: {active: {type: HTTP, path: /, interval: 5s, timeout: 1s}}
              locations:
              - {path: /, pathType: Prefix, upstream: web, policy: {retries: {attempts: 1}}}
            """
                .replace("NS", namespace));
  }

  @Test
  void everyKindAsJson() throws IOException {
    for (Kind kind : Kind.values()) {
      Files.writeString(folder.resolve(kind.label() + ".json"), list(kind).toPrettyString());
    }
    readsEverything();
  }

  @Test
  void everyKindAsYaml() throws IOException {
    for (Kind kind : Kind.values()) {
      Files.writeString(
          folder.resolve(kind.label() + ".yaml"), new YAMLMapper().writeValueAsString(list(kind)));
    }
    readsEverything();
  }

  /** As the API itself answers: a typed list, whose items don't say what they are. */
  @Test
  void everyKindAsTheApiAnswers() throws IOException {
    for (Kind kind : Kind.values()) {
      Files.writeString(folder.resolve(kind.label() + ".json"), raw(kind).toString());
    }
    readsEverything();
  }

  private void readsEverything() throws IOException {
    try (FolderSource source = new FolderSource(folder)) {
      FolderReading reading = source.read();
      assertThat(reading.problems()).isEmpty();
      assertThat(Arrays.stream(Kind.values()).filter(kind -> holds(reading, kind)))
          .containsExactly(Kind.values());
      assertThat(reading.view().refused().size()).isZero();
    }
  }

  private static boolean holds(FolderReading reading, Kind kind) {
    return reading.view().of(kind).size() > 0;
  }

  private static JsonNode raw(Kind kind) throws IOException {
    String apiVersion = kind.apiVersion();
    String path =
        (apiVersion.contains("/") ? "/apis/" : "/api/")
            + apiVersion
            + (kind.namespaced() ? "/namespaces/" + namespace : "")
            + "/"
            + kind.plural();
    return JSON.readTree(SERVER.admin().raw(path));
  }

  /** kubectl prints lists of whole resources. */
  private static JsonNode list(Kind kind) throws IOException {
    ObjectNode list = JSON.createObjectNode();
    list.put("apiVersion", "v1").put("kind", "List");
    list.putObject("metadata").put("resourceVersion", "");
    var items = list.putArray("items");
    for (JsonNode item : raw(kind).path("items")) {
      ObjectNode whole = JSON.createObjectNode();
      whole.put("apiVersion", kind.apiVersion()).put("kind", kind.label());
      whole.setAll((ObjectNode) item);
      items.add(whole);
    }
    return list;
  }
}
