/** Listeners and what an accepted connection gets before it speaks HTTP. */
@NullMarked
package dev.longshore.proxy.listen;

import org.jspecify.annotations.NullMarked;
