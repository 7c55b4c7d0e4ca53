package dev.longshore.operator.tenure;

import dev.longshore.operator.store.OwnObjects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.Objects;

/** Reads and writes parts of the record where nobody else has changed them meanwhile. */
public final class TenureStore {
  private final KubernetesClient client;
  private final String namespace;
  private final OwnObjects objects;

  /**
   * @param client stays the caller's to close
   * @param namespace of the operator
   */
  public TenureStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.objects = new OwnObjects(client, namespace);
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
            OwnObjects.revision(present), Objects.requireNonNullElse(present.getData(), Map.of()));
  }

  /**
   * Writes a part.
   *
   * @return false: it is not as it was read any more
   * @throws KubernetesClientException if the API server doesn't take it
   */
  boolean write(String name, Part before, Map<String, String> data) {
    return objects.write(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withData(data)
            .build(),
        before.revision());
  }
}
