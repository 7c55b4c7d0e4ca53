package dev.longshore.contract;

/**
 * Credentials in JSON.
 *
 * @param id for people; a reader computes its own
 * @param credentials the content
 */
public record InternedCredentials(String id, UpstreamCredentials credentials) {}
