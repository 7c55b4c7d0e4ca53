package dev.longshore.cli.migrate;

import dev.longshore.cli.runtime.StartException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a cluster what {@code kubectl get ingress,service -A -o yaml} prints of it. It lists
 * Ingresses, Services and the one ConfigMap that is asked for, and writes nothing.
 */
final class ClusterManifests {
  private final Path kubeconfig;
  private final @Nullable String context;

  /** Of the cluster of a kubeconfig; {@code context} null: of its current context. */
  ClusterManifests(Path kubeconfig, @Nullable String context) {
    this.kubeconfig = kubeconfig;
    this.context = context;
  }

  /**
   * Writes them into a file.
   *
   * @throws StartException the kubeconfig can't be used, or the cluster doesn't answer or permit it
   */
  void write(Path file) throws IOException, StartException {
    List<HasMetadata> all = new ArrayList<>();
    try (KubernetesClient client = client()) {
      all.addAll(client.network().v1().ingresses().inAnyNamespace().list().getItems());
      all.addAll(client.services().inAnyNamespace().list().getItems());
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
    write(all, file);
  }

  /**
   * Writes a ConfigMap into a file.
   *
   * @param name as {@code NAMESPACE/NAME}
   */
  void writeConfigMap(String name, Path file) throws IOException, StartException {
    String[] parts = name.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new StartException(
          "--nginx-configmap " + name + " is not NAMESPACE/NAME, which it has to be of a cluster");
    }
    try (KubernetesClient client = client()) {
      HasMetadata map = client.configMaps().inNamespace(parts[0]).withName(parts[1]).get();
      if (map == null) {
        throw new StartException("there is no ConfigMap " + name + " in the cluster");
      }
      write(List.of(map), file);
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
  }

  private static void write(List<? extends HasMetadata> resources, Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    for (HasMetadata resource : resources) {
      text.append("---\n").append(Serialization.asYaml(resource));
    }
    Files.writeString(file, text);
  }

  private KubernetesClient client() throws IOException, StartException {
    if (!Files.exists(kubeconfig)) {
      throw new StartException("there is no kubeconfig " + kubeconfig);
    }
    try {
      Config config =
          Config.fromKubeconfig(context, Files.readString(kubeconfig), kubeconfig.toString());
      return new KubernetesClientBuilder().withConfig(config).build();
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new StartException(kubeconfig + " can't be used: " + e.getMessage());
    }
  }

  private StartException failed(KubernetesClientException e) {
    return new StartException("the cluster of " + kubeconfig + " can't be read: " + e.getMessage());
  }
}
