package dev.longshore.operator.translate.host;

import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.verdict.Outcome;

/** A rule that has its place, and what it does there. */
public record Award(RuleClaim rule, Outcome outcome) {}
