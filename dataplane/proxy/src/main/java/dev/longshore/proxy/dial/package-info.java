/**
 * Connections to upstream endpoints: dialling on the event loop of the client, the streams of
 * HTTP/1.1 that they are, the idle keep-alive connections of each event loop, and questions of the
 * proxy's own.
 */
@NullMarked
package dev.longshore.proxy.dial;

import org.jspecify.annotations.NullMarked;
