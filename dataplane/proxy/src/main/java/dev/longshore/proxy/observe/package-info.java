/**
 * What is seen of the data plane from outside: metrics, the access log, the list of open tunnels,
 * and the servers that answer for them. Nothing here runs on an event loop of the data plane but
 * counting and putting a record into a bounded queue.
 */
@NullMarked
package dev.longshore.proxy.observe;

import org.jspecify.annotations.NullMarked;
