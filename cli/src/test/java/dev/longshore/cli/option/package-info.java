/** Tests of {@code cli.option}. */
@NullMarked
package dev.longshore.cli.option;

import org.jspecify.annotations.NullMarked;
