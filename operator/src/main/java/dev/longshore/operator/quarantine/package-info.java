/**
 * Keeps what data planes refuse away from them: {@code Refusals} knows who refused what and whom to
 * believe, {@code Isolation} makes the snapshot without it, {@code Quarantine} decides for many
 * data planes and {@code LocalQuarantine} for the one of standalone mode.
 */
@NullMarked
package dev.longshore.operator.quarantine;

import org.jspecify.annotations.NullMarked;
