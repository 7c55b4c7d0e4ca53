/**
 * What the proxy answers by itself, and how that is told in metrics and the access log. Whoever
 * refuses something makes one of these; who writes and counts it is somebody else.
 */
@NullMarked
package dev.longshore.proxy.answer;

import org.jspecify.annotations.NullMarked;
