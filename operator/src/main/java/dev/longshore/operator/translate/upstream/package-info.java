/**
 * How upstreams are read (balancing, affinity, health, TLS, what they speak), and the endpoints
 * that their Services have at the time.
 */
@NullMarked
package dev.longshore.operator.translate.upstream;

import org.jspecify.annotations.NullMarked;
