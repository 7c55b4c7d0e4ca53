/**
 * Which tunnels a change ends: those of endpoints that leave, of rules that were removed or whose
 * policy was tightened, and those that move to endpoints with fewer. How a tunnel ends is {@code
 * tunnel}'s.
 */
@NullMarked
package dev.longshore.proxy.drain;

import org.jspecify.annotations.NullMarked;
