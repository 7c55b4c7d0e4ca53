/**
 * What decides about a request that a rule matched, and what is done to its answer: small filters,
 * each of one part of a policy, compiled when the policy is applied and asked in one order, which
 * {@link dev.longshore.proxy.filter.RequestFilters} has with its reasons. Knows neither sockets nor
 * rules: a request is what {@link dev.longshore.proxy.filter.FilterRequest} says of it.
 */
@NullMarked
package dev.longshore.proxy.filter;

import org.jspecify.annotations.NullMarked;
