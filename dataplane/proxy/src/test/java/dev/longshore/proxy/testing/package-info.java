/**
 * What tests of the proxy are written with: a client and an upstream that send exactly the bytes
 * they are told, and a running data plane between them.
 */
@NullMarked
package dev.longshore.proxy.testing;

import org.jspecify.annotations.NullMarked;
