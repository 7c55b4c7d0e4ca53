/**
 * Signed tokens (RFC 7519): how one is verified, and which were. Knows policies of the contract and
 * no request: where a token stands is the business of who asks.
 */
@NullMarked
package dev.longshore.proxy.jwt;

import org.jspecify.annotations.NullMarked;
