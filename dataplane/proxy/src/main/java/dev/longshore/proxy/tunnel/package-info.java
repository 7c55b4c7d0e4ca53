/**
 * Open WebSocket tunnels: two ends on one event loop, one side before each that moves buffers and
 * follows frame headers, and everything that ends a tunnel politely. Knows nothing of HTTP: a
 * tunnel starts where a verified handshake has left two {@linkplain
 * dev.longshore.proxy.tunnel.Carrier carriers}.
 */
@NullMarked
package dev.longshore.proxy.tunnel;

import org.jspecify.annotations.NullMarked;
