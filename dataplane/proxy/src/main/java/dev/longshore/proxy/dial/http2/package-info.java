/**
 * Ways to endpoints that speak HTTP/2: connections of which many requests have a stream each. In a
 * room of its own, for nothing of HTTP/1 is true of it but that its sockets are dialled.
 */
@NullMarked
package dev.longshore.proxy.dial.http2;

import org.jspecify.annotations.NullMarked;
