package dev.longshore.operator.store;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the operator keeps in its namespace, where nobody else has changed it since it was
 * read: another replica may write at the same time. Thread-safe.
 */
public final class OwnObjects {
  /** What says that an object is the operator's. */
  public static final Map<String, String> LABELS =
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
  public OwnObjects(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** The revision of an object as it was read; null, which has none: it was not there. */
  public static String revision(@Nullable HasMetadata read) {
    return read == null
        ? ""
        : Objects.requireNonNullElse(read.getMetadata().getResourceVersion(), "");
  }

  /**
   * Writes an object; namespace, labels and revision are added here.
   *
   * @param object with a name, and with all that it should hold
   * @param before its revision as it was read; empty: there was none
   * @return false: it is not as it was read any more
   * @throws KubernetesClientException if the API server doesn't take it
   */
  public boolean write(HasMetadata object, String before) {
    ObjectMeta metadata = object.getMetadata();
    Map<String, String> labels = new HashMap<>(LABELS);
    labels.putAll(Objects.requireNonNullElse(metadata.getLabels(), Map.of()));
    metadata.setLabels(labels);
    metadata.setNamespace(namespace);
    var resource = client.resource(object);
    try {
      if (before.isEmpty()) {
        resource.create();
      } else {
        metadata.setResourceVersion(before);
        resource.update();
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
