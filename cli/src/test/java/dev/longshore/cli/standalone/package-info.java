/** Tests of {@code cli.standalone}. */
@NullMarked
package dev.longshore.cli.standalone;

import org.jspecify.annotations.NullMarked;
