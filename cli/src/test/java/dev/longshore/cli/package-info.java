/**
 * Processes as users start them: a {@code Stage} has an API server, an {@code OperatorProcess} and
 * {@code DataPlaneProcess}es, and {@code Traffic} through them; a {@code ServedFolder} is
 * standalone mode.
 */
@NullMarked
package dev.longshore.cli;

import org.jspecify.annotations.NullMarked;
