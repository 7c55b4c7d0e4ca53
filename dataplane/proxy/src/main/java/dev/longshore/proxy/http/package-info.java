/**
 * The HTTP/1.1 front: strict decoding, the way of a request through rules and filters, writing what
 * is answered, and the proxying of plain requests. Whom a policy lets in is {@code filter}'s, what
 * switches protocols {@code handshake}'s.
 */
@NullMarked
package dev.longshore.proxy.http;

import org.jspecify.annotations.NullMarked;
