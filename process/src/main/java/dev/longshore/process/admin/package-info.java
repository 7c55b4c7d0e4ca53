/**
 * The HTTP servers for people and machines that watch a process: liveness, readiness, metrics and a
 * few pages. Whoever can connect may be hostile, so everything is bounded here.
 */
@NullMarked
package dev.longshore.process.admin;

import org.jspecify.annotations.NullMarked;
