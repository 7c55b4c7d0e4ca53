/** How a data plane gets its routing: a snapshot is compiled aside and swapped in whole. */
@NullMarked
package dev.longshore.proxy.subscribe;

import org.jspecify.annotations.NullMarked;
