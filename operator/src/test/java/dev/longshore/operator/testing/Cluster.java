package dev.longshore.operator.testing;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Writes manifests into an API server as users and controllers would. */
public final class Cluster {
  private final KubernetesClient admin;

  public Cluster(KubeApiServer server) {
    this.admin = server.admin();
  }

  public KubernetesClient client() {
    return admin;
  }

  /** Applies manifests. */
  public void apply(String yaml) {
    items(yaml).forEach(item -> admin.resource(item).forceConflicts().serverSideApply());
  }

  /** Deletes what manifests name. */
  public void delete(String yaml) {
    items(yaml).forEach(item -> admin.resource(item).withGracePeriod(0).delete());
  }

  private List<HasMetadata> items(String yaml) {
    return admin.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items();
  }

  /** Our IngressClass, as the default one or not. */
  public void ingressClass(String name, boolean byDefault) {
    apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata:
          name: %s
          annotations: {ingressclass.kubernetes.io/is-default-class: "%s"}
        spec: {controller: longshore.dev/ingress-controller}
        """
            .formatted(name, byDefault));
  }

  /** A Service with port 80. */
  public void service(String namespace, String name) {
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec: {ports: [{port: 80}]}
        """
            .formatted(name, namespace));
  }

  /** The EndpointSlice that a controller would make for a Service, with port 8080. */
  public void endpoints(String namespace, String service, String... addresses) {
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName(service + "-1")
            .withNamespace(namespace)
            .addToLabels("kubernetes.io/service-name", service)
            .endMetadata()
            .withAddressType("IPv4")
            .addNewPort()
            .withPort(8080)
            .withProtocol("TCP")
            .endPort();
    Arrays.stream(addresses)
        .forEach(address -> slice.addNewEndpoint().withAddresses(address).endEndpoint());
    admin.resource(slice.build()).forceConflicts().serverSideApply();
  }

  /** A route of class {@code longshore} from a host to port 80 of a Service. */
  public static String route(String namespace, String name, String host, String service) {
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
      - {path: /, pathType: Prefix, upstream: main}
    """
        .formatted(name, namespace, host, service);
  }
}
