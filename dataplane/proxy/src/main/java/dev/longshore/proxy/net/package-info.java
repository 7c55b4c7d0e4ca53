/** Addresses: their text, the ranges that hold them, and what counts as one client. */
@NullMarked
package dev.longshore.proxy.net;

import org.jspecify.annotations.NullMarked;
