/**
 * The WebSocket opening handshake (RFC 6455 §4) behind the filters that have checked the client's
 * part: made towards the upstream, and turned into a tunnel only after a verified 101.
 */
@NullMarked
package dev.longshore.proxy.handshake;

import org.jspecify.annotations.NullMarked;
