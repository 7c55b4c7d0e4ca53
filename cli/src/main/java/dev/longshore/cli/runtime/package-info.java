/**
 * What every process of Longshore has: its build, its log, how it ends, what it needs of the
 * system.
 */
@NullMarked
package dev.longshore.cli.runtime;

import org.jspecify.annotations.NullMarked;
