package dev.longshore.operator.translate.claim;

import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A resource that claims hosts and rules. The first in order wins: the older, then by namespace and
 * name (which decide alone where manifests have no timestamps), then by kind.
 *
 * @param ref the resource
 * @param createdAt seconds since the epoch; 0 when unknown
 * @param place where it stands in a folder, in an order that sorts; empty in a cluster
 */
public record Claimant(ResourceRef ref, long createdAt, String place)
    implements Comparable<Claimant> {
  private static final Comparator<Claimant> ORDER =
      Comparator.comparingLong(Claimant::createdAt)
          .thenComparing(claimant -> claimant.ref.namespace())
          .thenComparing(claimant -> claimant.ref.name())
          .thenComparing(claimant -> claimant.ref.kind());

  /**
   * Who goes first where it isn't recorded who claimed a host first. In a folder it is the first
   * that stands there: timestamps are text there, which anybody can write.
   */
  public static final Comparator<Claimant> OWNERSHIP =
      Comparator.comparing(Claimant::place).thenComparing(ORDER);

  /** The claimant that a resource is, in the place where it was found, if that is known. */
  public static Claimant of(ResourceRef ref, HasMetadata resource, @Nullable String place) {
    return new Claimant(
        ref,
        seconds(resource.getMetadata().getCreationTimestamp()),
        Objects.requireNonNullElse(place, ""));
  }

  /** The namespace of its resource. */
  public String namespace() {
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
