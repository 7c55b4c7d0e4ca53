/**
 * The HTTP/1.1 front: strict decoding, checks, routing, policies and error answers, and the
 * proxying of plain requests. What switches protocols is in {@code handshake}.
 */
@NullMarked
package dev.longshore.proxy.http;

import org.jspecify.annotations.NullMarked;
