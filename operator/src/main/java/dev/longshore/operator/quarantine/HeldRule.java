package dev.longshore.operator.quarantine;

import dev.longshore.contract.RuleSource;

/**
 * Why a rule is not served as it should be.
 *
 * @param source where it comes from
 * @param why which data plane said what
 */
public record HeldRule(RuleSource source, String why) {}
