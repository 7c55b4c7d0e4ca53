/**
 * Connections to upstream endpoints: dialling on the event loop of the client, the HTTP/1.1 answer
 * decoder, and the idle keep-alive connections of each event loop.
 */
@NullMarked
package dev.longshore.proxy.dial;

import org.jspecify.annotations.NullMarked;
