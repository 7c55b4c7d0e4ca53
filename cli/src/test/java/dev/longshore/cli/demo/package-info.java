/** Tests of {@code cli.demo}. */
@NullMarked
package dev.longshore.cli.demo;

import org.jspecify.annotations.NullMarked;
