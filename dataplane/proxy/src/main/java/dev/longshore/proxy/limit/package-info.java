/**
 * How many tunnels and handshakes a location takes, in all and of one client. Knows nothing of HTTP
 * and of tunnels: it gives permits and takes them back.
 */
@NullMarked
package dev.longshore.proxy.limit;

import org.jspecify.annotations.NullMarked;
