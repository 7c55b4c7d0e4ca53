package dev.longshore.proxy.upstream;

import java.time.Instant;

/**
 * What last went wrong with an endpoint, for people.
 *
 * @param what in words of the proxy's own; nothing that an endpoint sent
 * @param at when
 */
public record LastFailure(String what, Instant at) {}
