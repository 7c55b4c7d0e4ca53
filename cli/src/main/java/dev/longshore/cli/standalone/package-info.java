/**
 * The {@code standalone} command: the folder source, the translator and a data plane in one
 * process.
 */
@NullMarked
package dev.longshore.cli.standalone;

import org.jspecify.annotations.NullMarked;
