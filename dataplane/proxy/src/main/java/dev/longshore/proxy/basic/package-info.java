/**
 * Passwords (RFC 7617): whether one is right, and the threads that find out. Knows policies of the
 * contract and no request.
 */
@NullMarked
package dev.longshore.proxy.basic;

import org.jspecify.annotations.NullMarked;
