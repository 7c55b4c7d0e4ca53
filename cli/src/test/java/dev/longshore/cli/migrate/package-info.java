/** Tests of {@code cli.migrate}. */
@NullMarked
package dev.longshore.cli.migrate;

import org.jspecify.annotations.NullMarked;
