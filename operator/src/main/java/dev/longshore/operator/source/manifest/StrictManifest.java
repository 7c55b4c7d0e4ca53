package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.manifest.Document.Manifest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one resource from JSON as strictly as a folder's manifests are read. For what a cluster
 * holds and this version doesn't know, such as a field of a newer CRD.
 */
public final class StrictManifest {
  private static final int MOST_FAULTS = 3;

  private StrictManifest() {}

  /**
   * What could be read.
   *
   * @param resource all of it; null if that was not possible
   * @param remainder what is left without the faulty parts, if its hosts are known; else null
   * @param why what is wrong, and where; empty if nothing is
   * @param refused whether the remainder may not be relied on, but for its places; of a
   *     LongshoreConfig that is its default policy
   */
  public record Reading(
      @Nullable HasMetadata resource,
      @Nullable HasMetadata remainder,
      String why,
      boolean refused) {}

  /** Reads a resource with apiVersion, kind and metadata. */
  public static Reading read(String json) {
    Document document = DocumentReader.read(json);
    Manifest manifest = document.manifests().isEmpty() ? null : document.manifests().getFirst();
    List<Fault> faults = manifest == null ? document.faults() : manifest.faults();
    return new Reading(
        manifest == null ? null : manifest.resource(),
        manifest == null ? null : manifest.remainder(),
        faults.stream()
            .limit(MOST_FAULTS)
            .map(fault -> fault.field() + ": " + fault.message())
            .collect(Collectors.joining("; ")),
        manifest == null || manifest.refusal() != null);
  }
}
