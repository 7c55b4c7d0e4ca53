package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.TenureRecord;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows whom hosts belong to ({@link TenureRecord}), each ConfigMap by its name: no more of the
 * operator's namespace has to be readable.
 */
final class TenureFeeds implements Feed.Sink<ConfigMap> {
  private final List<Feed<ConfigMap>> feeds;
  private final Sink sink;
  private final Part part;

  /** Guarded by this. */
  private final Map<String, Map<String, HostTenure>> parts = new HashMap<>();

  /** Takes what changed. */
  @FunctionalInterface
  interface Sink {
    /** Those of before are replaced by those of now, by host. */
    void change(Map<String, HostTenure> before, Map<String, HostTenure> now);
  }

  /**
   * @param namespace of the operator
   * @param part of the watch; hears of a feed that ends
   */
  TenureFeeds(KubernetesClient client, String namespace, Sink sink, Part part) {
    this.sink = sink;
    this.part = part;
    this.feeds = TenureRecord.names().stream().map(name -> feed(client, namespace, name)).toList();
  }

  /** To be started and closed by the caller. */
  List<Feed<ConfigMap>> feeds() {
    return feeds;
  }

  @Override
  public void put(Feed<?> from, ConfigMap resource) {
    String name = resource.getMetadata().getName();
    change(name, TenureRecord.read(name, resource.getData()));
  }

  @Override
  public void remove(Feed<?> from, ResourceRef ref) {
    change(ref.name(), Map.of());
  }

  private Feed<ConfigMap> feed(KubernetesClient client, String namespace, String name) {
    return new Feed<>(
        "ConfigMap " + namespace + "/" + name,
        Kind.CONFIG_MAP,
        () -> {
          Informable<ConfigMap> one =
              client
                  .resources(ConfigMap.class)
                  .inNamespace(namespace)
                  .withField("metadata.name", name)
                  .withLimit(1L);
          return one;
        },
        this,
        part);
  }

  private synchronized void change(String name, Map<String, HostTenure> now) {
    Map<String, HostTenure> before = parts.getOrDefault(name, Map.of());
    parts.put(name, now);
    sink.change(before, now);
  }
}
