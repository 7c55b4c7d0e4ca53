/**
 * TLS: contexts made of the snapshot's certificates and kept as long as a connection needs them,
 * the choice among them by what a client offers, and the end of an encrypted stream.
 */
@NullMarked
package dev.longshore.proxy.tls;

import org.jspecify.annotations.NullMarked;
