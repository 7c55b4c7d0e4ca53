/**
 * Active health checks: probes of the endpoints of pools that ask for them, on the event loops, and
 * what is shown of everybody's health. What a verdict means for balancing is decided by the pool.
 */
@NullMarked
package dev.longshore.proxy.health;

import org.jspecify.annotations.NullMarked;
