package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.Kind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the kinds that are read call themselves in manifests. */
final class ManifestKind {
  static final List<String> LABELS =
      Arrays.stream(Kind.values()).map(Kind::label).sorted().toList();

  private ManifestKind() {}

  static @Nullable Kind labelled(String label) {
    for (Kind kind : Kind.values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    return null;
  }

  /** The apiVersion that manifests of a kind must state. */
  static String apiVersion(Kind kind) {
    return switch (kind) {
      case WEB_SOCKET_ROUTE, LONGSHORE_CONFIG -> "longshore.dev/v1alpha1";
      case INGRESS, INGRESS_CLASS -> "networking.k8s.io/v1";
      case ENDPOINT_SLICE -> "discovery.k8s.io/v1";
      case SERVICE, SECRET, CONFIG_MAP -> "v1";
    };
  }

  /** Group of an apiVersion: the part before the slash, else the core group's empty name. */
  static String group(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }
}
