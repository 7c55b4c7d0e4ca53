package dev.longshore.proxy.observe;

import dev.longshore.contract.Version;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the applied configuration.
 *
 * @param applied what serves now; null before the first snapshot
 * @param rejections snapshots rejected since the start
 * @param lastRejection the last of them
 */
public record ConfigStatus(
    @Nullable Applied applied, long rejections, @Nullable Rejection lastRejection) {

  /** Nothing applied, nothing rejected. */
  public static final ConfigStatus NONE = new ConfigStatus(null, 0, null);

  /**
   * The snapshot that serves.
   *
   * @param version of everything but the endpoints
   * @param endpointsVersion of the endpoints
   * @param at when the last change of either was applied
   */
  public record Applied(Version version, Version endpointsVersion, Instant at) {}

  /**
   * A snapshot that was not applied.
   *
   * @param version of the rejected snapshot
   * @param at when
   * @param errors why, each naming its entry
   */
  public record Rejection(Version version, Instant at, List<String> errors) {
    public Rejection {
      errors = List.copyOf(errors);
    }
  }
}
