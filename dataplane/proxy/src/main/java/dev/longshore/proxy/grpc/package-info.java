/**
 * What of gRPC a proxy has to know (grpc.github.io, "gRPC over HTTP/2"): who speaks it, statuses,
 * deadlines, and where messages end. Of sockets, streams and services nothing.
 */
@NullMarked
package dev.longshore.proxy.grpc;

import org.jspecify.annotations.NullMarked;
