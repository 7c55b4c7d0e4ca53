/**
 * What options of commands are made of: values with units, listeners, the form of the log, and what
 * a process sets of the JVM by them.
 */
@NullMarked
package dev.longshore.cli.option;

import org.jspecify.annotations.NullMarked;
