/**
 * What the operator tells a data plane: the routing snapshot, its parts, its version and its JSON.
 *
 * <p>Knows neither Netty nor Kubernetes. Everything here is immutable, so any thread may read it.
 */
@NullMarked
package dev.longshore.contract;

import org.jspecify.annotations.NullMarked;
