/** Tests of {@code cli.runtime}. */
@NullMarked
package dev.longshore.cli.runtime;

import org.jspecify.annotations.NullMarked;
