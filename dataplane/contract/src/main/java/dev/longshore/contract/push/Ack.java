package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotDelta.Versions;

/**
 * The data plane serves it. On the active channel the answer to the message that leads there, on
 * standby channels a report.
 *
 * @param applied what is served now
 */
public record Ack(Versions applied) implements FromDataPlane {}
