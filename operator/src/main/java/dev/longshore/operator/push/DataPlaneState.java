package dev.longshore.operator.push;

import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Hello.Role;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a connected data plane.
 *
 * @param node its name
 * @param group of data planes that it belongs to
 * @param build its version, as it says
 * @param features what it understands, as it says
 * @param role whether it is configured by this replica, or only reports to it
 * @param applied what it serves; null: nothing
 * @param appliedSequence the newest publication of this replica that it serves; 0: none that is
 *     still known
 * @param lastNack why it does not serve the newest; null: nothing was refused since it last applied
 *     something
 * @param connectedSince when its hello came
 */
public record DataPlaneState(
    String node,
    String group,
    String build,
    List<String> features,
    Role role,
    @Nullable Versions applied,
    long appliedSequence,
    @Nullable Rejection lastNack,
    Instant connectedSince) {}
