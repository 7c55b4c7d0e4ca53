package dev.longshore.operator.translate;

import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A resource that claims hosts and rules. The first in order wins: the older, then by namespace and
 * name (which decide alone where manifests have no timestamps), then by kind.
 *
 * @param ref the resource
 * @param createdAt seconds since the epoch; 0 when unknown
 */
record Claimant(ResourceRef ref, long createdAt) implements Comparable<Claimant> {
  private static final Comparator<Claimant> ORDER =
      Comparator.comparingLong(Claimant::createdAt)
          .thenComparing(claimant -> claimant.ref.namespace())
          .thenComparing(claimant -> claimant.ref.name())
          .thenComparing(claimant -> claimant.ref.kind());

  static Claimant of(ResourceRef ref, HasMetadata resource) {
    return new Claimant(ref, seconds(resource.getMetadata().getCreationTimestamp()));
  }

  String namespace() {
    return ref.namespace();
  }

  @Override
  public int compareTo(Claimant other) {
    return ORDER.compare(this, other);
  }

  private static long seconds(@Nullable String timestamp) {
    try {
      return timestamp == null ? 0 : Math.max(0, Instant.parse(timestamp).getEpochSecond());
    } catch (DateTimeException e) {
      return 0;
    }
  }
}
