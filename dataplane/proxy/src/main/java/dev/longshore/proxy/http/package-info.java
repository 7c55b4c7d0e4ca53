/**
 * What a request means, whatever protocol it comes by: who sends it, the way through rules and
 * filters, the attempts at endpoints, and the proxying of plain requests. Exchanges have streams to
 * the client and to an endpoint, and know neither a codec nor a socket. Whom a policy lets in is
 * {@code filter}'s, what switches protocols {@code handshake}'s, what stands on the wire {@code
 * http1}'s and {@code dial}'s.
 */
@NullMarked
package dev.longshore.proxy.http;

import org.jspecify.annotations.NullMarked;
