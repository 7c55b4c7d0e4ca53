/**
 * Upstream pools: which endpoints there are, how loaded they are, and which one takes the next
 * connection. Dialling is elsewhere.
 */
@NullMarked
package dev.longshore.proxy.upstream;

import org.jspecify.annotations.NullMarked;
