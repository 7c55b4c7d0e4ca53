/**
 * The {@code check} command: judges manifests without serving them, and tells what only a cluster
 * can have.
 */
@NullMarked
package dev.longshore.cli.check;

import org.jspecify.annotations.NullMarked;
