package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotDelta.Versions;

/**
 * What was sent is older, by its {@link Origin}, than what the data plane serves, so it is not
 * taken for now. The operator sends nothing before it has something else; a data plane that no
 * longer wants to wait says {@link Resync}.
 *
 * @param refused what is not taken
 */
public record Stale(Versions refused) implements FromDataPlane {}
