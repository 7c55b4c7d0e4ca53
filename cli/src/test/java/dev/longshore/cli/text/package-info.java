/** Tests of {@code cli.text}. */
@NullMarked
package dev.longshore.cli.text;

import org.jspecify.annotations.NullMarked;
