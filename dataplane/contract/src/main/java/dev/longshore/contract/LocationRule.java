package dev.longshore.contract;

/**
 * One location rule: which requests, and what becomes of them.
 *
 * @param key host, path and conditions; unique in a snapshot
 * @param source the manifest place it comes from
 * @param action forward, or answer 503 in the rule's place
 */
public record LocationRule(RuleKey key, RuleSource source, RuleAction action) {}
