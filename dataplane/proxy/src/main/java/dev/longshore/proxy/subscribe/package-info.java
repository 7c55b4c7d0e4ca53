/** Takes routing snapshots in: validates, compiles aside, and swaps by one volatile write. */
@NullMarked
package dev.longshore.proxy.subscribe;

import org.jspecify.annotations.NullMarked;
