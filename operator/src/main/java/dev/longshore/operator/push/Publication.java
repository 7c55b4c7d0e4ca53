package dev.longshore.operator.push;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Origin;

/**
 * A snapshot to be served by every data plane.
 *
 * @param sequence above 0 and rising in one process; one that is not above the last is ignored
 * @param snapshot what data planes are to serve
 * @param origin what was known when it was built
 */
public record Publication(long sequence, RoutingSnapshot snapshot, Origin origin) {}
