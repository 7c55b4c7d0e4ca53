/**
 * What every event loop has for itself: deadlines, and the means to dial and to hash. Nothing here
 * is shared between threads.
 */
@NullMarked
package dev.longshore.proxy.loop;

import org.jspecify.annotations.NullMarked;
