/**
 * Policies as they are written become policies as they are enforced. A {@link
 * dev.longshore.operator.translate.policy.Leaf} is a field, told once: where it stands, by which
 * annotation, what its text means, what holds without it, and whether a mistake in it closes.
 * {@link dev.longshore.operator.translate.policy.Layers} are the places that say something of it,
 * the highest first; a {@link dev.longshore.operator.translate.policy.PartReader} makes one part of
 * the contract's policy of its leaves.
 */
@NullMarked
package dev.longshore.operator.translate.policy;

import org.jspecify.annotations.NullMarked;
