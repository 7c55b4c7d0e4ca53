/**
 * External authorization: calls to the services that policies have asked about requests, what is
 * kept of their answers, and the questions that are asked again about open tunnels. Each event loop
 * asks by itself.
 */
@NullMarked
package dev.longshore.proxy.extauth;

import org.jspecify.annotations.NullMarked;
