/** How tests of this module, and of those that use it, strike what a process has watched. */
@NullMarked
package dev.longshore.process.testing;

import org.jspecify.annotations.NullMarked;
