/** Tests of {@code cli.check}. */
@NullMarked
package dev.longshore.cli.check;

import org.jspecify.annotations.NullMarked;
