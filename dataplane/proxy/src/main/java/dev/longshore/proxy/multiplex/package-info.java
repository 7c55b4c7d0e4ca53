/**
 * What streams of HTTP/2 have in common on both sides of the proxy, whoever began their connection:
 * how their bytes are held, and how one becomes the end of a tunnel.
 */
@NullMarked
package dev.longshore.proxy.multiplex;

import org.jspecify.annotations.NullMarked;
