package dev.longshore.contract;

/**
 * A policy and the id that rules name it by.
 *
 * @param id what {@link SnapshotBuilder#policy} gives for the policy; anything else is refused
 * @param policy the content
 */
public record InternedPolicy(String id, Policy policy) {}
