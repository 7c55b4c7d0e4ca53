/** The {@code demo} and {@code echo} commands: something to look at, and backends that answer. */
@NullMarked
package dev.longshore.cli.demo;

import org.jspecify.annotations.NullMarked;
