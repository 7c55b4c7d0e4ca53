package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotDelta.Versions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who a data plane is and what it has: the first message of a channel. Sent again on the same
 * channel to change the role; then only {@code role} and {@code applied} may differ.
 *
 * @param protocol {@link PushProtocol#VERSION}
 * @param node name of the data plane, its pod's: 1 to 253 letters, digits, '-', '_', '.'
 * @param group of data planes that it belongs to, likewise 1 to 63
 * @param build its version, for people, likewise 1 to 63
 * @param features what it understands, see {@link Features}; at most 256. Names that the operator
 *     doesn't know are ignored
 * @param role whether it wants configuration on this channel
 * @param applied what it serves now; null: nothing
 */
public record Hello(
    int protocol,
    String node,
    String group,
    String build,
    List<String> features,
    Role role,
    @Nullable Versions applied)
    implements FromDataPlane {
  static final int MAX_NODE = 253;
  static final int MAX_NAME = 63;
  static final int MAX_FEATURES = 256;

  /** What a channel is for. */
  public enum Role {
    /** Configuration comes on this channel, one message at a time, and is answered here. */
    ACTIVE,
    /** Nothing but {@link Current} comes; what was applied elsewhere is reported here. */
    STANDBY
  }

  /**
   * Checks the forms.
   *
   * @throws IllegalArgumentException if one is not as said above
   */
  public Hello {
    Bounds.name("node", node, MAX_NODE);
    Bounds.name("group", group, MAX_NAME);
    Bounds.name("build", build, MAX_NAME);
    if (features.size() > MAX_FEATURES) {
      throw new IllegalArgumentException("features must be at most " + MAX_FEATURES);
    }
    for (String feature : features) {
      Bounds.name("a feature", feature, MAX_NAME);
    }
    features = features.stream().sorted().distinct().toList();
  }
}
