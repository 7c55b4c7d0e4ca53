package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Sequence;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files that lie beside manifests in a repository, and are none. */
public final class ForeignDocument {
  private static final List<String> KUSTOMIZATION =
      List.of(
          "resources",
          "bases",
          "patches",
          "patchesStrategicMerge",
          "patchesJson6902",
          "configMapGenerator",
          "secretGenerator",
          "namePrefix",
          "nameSuffix",
          "images");

  /** Where kustomize looks for one. */
  public static final List<String> KUSTOMIZATION_FILES =
      List.of("kustomization.yaml", "kustomization.yml");

  /** What to do with a kustomization. */
  public static final String BUILD =
      "build it with `kubectl kustomize FOLDER`, and give what comes out";

  /** Groups whose resources route requests, as their author may hope they do here. */
  private static final Set<String> ROUTING =
      Set.of(
          "gateway.networking.k8s.io",
          "traefik.io",
          "traefik.containo.us",
          "networking.istio.io",
          "projectcontour.io",
          "getambassador.io",
          "k8s.nginx.org",
          "configuration.konghq.com",
          "gateway.envoyproxy.io",
          "networking.gke.io",
          "cilium.io");

  private ForeignDocument() {}

  /** Whether resources of an API group route requests. */
  static boolean routes(String group) {
    return ROUTING.contains(group);
  }

  /**
   * Why a mapping without kind or apiVersion is passed over.
   *
   * @return null: it is a manifest whose author forgot them
   */
  static @Nullable String skipped(
      Mapping mapping, @Nullable String apiVersion, @Nullable String kind) {
    if (kind != null || mapping.has("metadata") || mapping.has("spec")) {
      return null;
    }
    if (apiVersion != null) {
      return mapping.has("name") && mapping.has("version")
          ? "skipped: a Helm chart; render it with `helm template`, and give what comes out"
          : null;
    }
    return KUSTOMIZATION.stream().anyMatch(mapping::has)
        ? kustomization()
        : "skipped: not a manifest, it has neither apiVersion nor kind";
  }

  /**
   * Why a document that is a list is passed over.
   *
   * @return null: its items are manifests
   */
  static @Nullable String skipped(Sequence list) {
    if (list.items().stream().anyMatch(item -> has(item, "kind") && has(item, "apiVersion"))) {
      return null;
    }
    return !list.items().isEmpty()
            && list.items().stream().allMatch(item -> has(item, "op") && has(item, "path"))
        ? "skipped: a patch of a kustomization; " + BUILD
        : "skipped: not a manifest, it is a list";
  }

  /**
   * Why a Secret or ConfigMap is passed over.
   *
   * @return null: it is not encrypted
   */
  static @Nullable String encrypted(Mapping mapping, Kind kind) {
    return mapping.has("sops") && (kind == Kind.SECRET || kind == Kind.CONFIG_MAP)
        ? "skipped: encrypted by SOPS; decrypt it with `sops --decrypt FILE` to have it read"
        : null;
  }

  private static boolean has(Tree tree, String key) {
    return tree instanceof Mapping mapping && mapping.has(key);
  }

  static String kustomization() {
    return "skipped: a kustomization; " + BUILD;
  }
}
