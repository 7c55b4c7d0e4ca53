/**
 * The command line: {@code operator} and {@code dataplane}, {@code standalone} (both in one
 * process, manifests from a folder), {@code check}, {@code demo}, {@code echo}, {@code version};
 * {@code train} is what the launcher makes the JDK's cache of loaded classes from.
 *
 * <p>Exit codes: 0 fine; 1 {@code check} found errors in manifests; 2 wrong usage; 3 could not
 * start or failed.
 */
@NullMarked
package dev.longshore.cli;

import org.jspecify.annotations.NullMarked;
