/**
 * From a request to the rule that decides about it: the normalised request target, the immutable
 * routing table, and what a matched rule says in a form that is ready for use.
 *
 * <p>Everything but {@link dev.longshore.proxy.route.RequestView} is immutable, so every event loop
 * reads it without locks.
 */
@NullMarked
package dev.longshore.proxy.route;

import org.jspecify.annotations.NullMarked;
