/**
 * What a location enforces: a {@link dev.longshore.contract.policy.Policy} is a set of parts, one
 * for each concern. Whoever adds a concern adds a record that is a {@link
 * dev.longshore.contract.policy.PolicyPart} and a line to {@link
 * dev.longshore.contract.policy.PartType}; its key in JSON, its check and its feature follow.
 *
 * <p>Knows neither Netty nor Kubernetes. Everything here is immutable, so any thread may read it.
 */
@NullMarked
package dev.longshore.contract.policy;

import org.jspecify.annotations.NullMarked;
