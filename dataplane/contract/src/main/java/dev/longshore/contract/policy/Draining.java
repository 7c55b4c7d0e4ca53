package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.time.Duration;

/**
 * When tunnels are closed because of a change of configuration or endpoints.
 *
 * @param window over which those of one change are spread
 * @param onRemoval when their rule goes, and no other serves the same host and path
 * @param onPolicyChange when the rule's new policy would not admit them any more
 */
public record Draining(Duration window, OnChange onRemoval, OnChange onPolicyChange)
    implements PolicyPart {
  /** The defaults of the API: 20 s, and only endpoints that leave end a tunnel. */
  public static final Draining DEFAULT =
      new Draining(Duration.ofSeconds(20), OnChange.KEEP, OnChange.KEEP);

  /** What a change does to open tunnels. */
  public enum OnChange {
    KEEP,
    CLOSE
  }

  @Override
  public void check(Field at) {
    at.at("window").duration(window);
  }
}
