/**
 * HTTP/2 as it stands on the wire (RFC 9113, RFC 8441): connections of many streams, each of which
 * is one request or one WebSocket. What a request means is {@code http}'s, which knows neither this
 * nor a socket. Frames, HPACK and windows are Netty's; what is here says what comes of them.
 */
@NullMarked
package dev.longshore.proxy.http2;

import org.jspecify.annotations.NullMarked;
