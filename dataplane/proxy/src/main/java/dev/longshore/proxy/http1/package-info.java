/**
 * HTTP/1.1 as it stands on the wire towards clients: strict decoding, what is read into a request,
 * framing of answers, and when a connection is kept, closed or cut. What a request means is {@code
 * http}'s, which knows neither this nor a socket.
 */
@NullMarked
package dev.longshore.proxy.http1;

import org.jspecify.annotations.NullMarked;
