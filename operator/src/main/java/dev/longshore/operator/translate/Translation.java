package dev.longshore.operator.translate;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.verdict.Verdict;
import java.time.Duration;

/**
 * What a view means.
 *
 * @param snapshot for the data planes
 * @param verdicts of every WebSocketRoute, LongshoreConfig and Ingress that is served here, and of
 *     other resources as far as there is something wrong with them; neighbours share structure, so
 *     {@link PersistentMap#diff} tells what to write
 * @param references the Secrets and ConfigMaps that were looked for, each under its own name,
 *     whether they exist or not
 * @param holders by host or wildcard, the first claim of the namespace that it belongs to: what is
 *     to be recorded ({@link dev.longshore.operator.source.HostTenure})
 * @param grace how long a host is kept for a namespace that claims it no more
 */
public record Translation(
    RoutingSnapshot snapshot,
    PersistentMap<ResourceRef, Verdict> verdicts,
    PersistentMap<ResourceRef, ResourceRef> references,
    PersistentMap<String, ResourceRef> holders,
    Duration grace) {}
