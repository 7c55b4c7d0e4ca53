/**
 * The budget of network buffers of the whole process: who holds how much of it, and who has to let
 * go when it is exceeded. Knows nothing of what the buffers are for.
 */
@NullMarked
package dev.longshore.proxy.memory;

import org.jspecify.annotations.NullMarked;
