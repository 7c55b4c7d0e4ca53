/**
 * The WebSocket opening handshake (RFC 6455 §4) on both sides: checked from the client, made
 * towards the upstream, and turned into a tunnel only after a verified 101.
 */
@NullMarked
package dev.longshore.proxy.handshake;

import org.jspecify.annotations.NullMarked;
