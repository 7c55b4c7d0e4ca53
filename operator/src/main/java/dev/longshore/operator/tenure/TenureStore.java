package dev.longshore.operator.tenure;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Objects;

/** Reads and writes parts of the record where nobody else has changed them meanwhile. */
public final class TenureStore {
  private static final Map<String, String> LABELS =
      Map.of(
          "app.kubernetes.io/name", "longshore",
          "app.kubernetes.io/component", "operator",
          "app.kubernetes.io/managed-by", "longshore-operator");

  private final KubernetesClient client;
  private final String namespace;

  /**
   * @param client stays the caller's to close
   * @param namespace of the operator
   */
  public TenureStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * A part as it was read.
   *
   * @param revision its resourceVersion; empty: there is none yet
   */
  record Part(String revision, Map<String, String> data) {}

  /**
   * Reads a part.
   *
   * @throws KubernetesClientException if the API server doesn't give it
   */
  Part read(String name) {
    ConfigMap present = client.configMaps().inNamespace(namespace).withName(name).get();
    return present == null
        ? new Part("", Map.of())
        : new Part(
            present.getMetadata().getResourceVersion(),
            Objects.requireNonNullElse(present.getData(), Map.of()));
  }

  /**
   * Writes a part.
   *
   * @return false: it is not as it was read any more
   * @throws KubernetesClientException if the API server doesn't take it
   */
  boolean write(String name, Part before, Map<String, String> data) {
    ConfigMapBuilder made =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .withData(data);
    var configMaps = client.configMaps().inNamespace(namespace);
    try {
      if (before.revision().isEmpty()) {
        configMaps.resource(made.build()).create();
      } else {
        configMaps
            .resource(
                made.editMetadata().withResourceVersion(before.revision()).endMetadata().build())
            .update();
      }
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT
          || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
