/**
 * Open WebSocket tunnels: two sockets on one event loop, one small handler per side that moves
 * buffers and follows frame headers, and everything that ends a tunnel politely. Knows nothing of
 * HTTP: a tunnel starts where a verified 101 has left two raw channels.
 */
@NullMarked
package dev.longshore.proxy.tunnel;

import org.jspecify.annotations.NullMarked;
