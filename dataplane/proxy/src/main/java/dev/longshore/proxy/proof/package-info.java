/**
 * What was found of who is let in, as it is kept of open tunnels: enough to tell whether a policy
 * that was changed since would let them in, and nothing with which anybody else could come.
 */
@NullMarked
package dev.longshore.proxy.proof;

import org.jspecify.annotations.NullMarked;
