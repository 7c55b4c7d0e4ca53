/** Lines for a person: tables, the log on a terminal. */
@NullMarked
package dev.longshore.cli.text;

import org.jspecify.annotations.NullMarked;
