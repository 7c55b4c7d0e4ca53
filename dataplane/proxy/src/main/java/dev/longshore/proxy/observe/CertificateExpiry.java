package dev.longshore.proxy.observe;

import java.time.Instant;

/**
 * Until when a server certificate is taken by clients.
 *
 * @param namespace of its Secret
 * @param secret name of its Secret
 * @param notAfter from its leaf
 */
public record CertificateExpiry(String namespace, String secret, Instant notAfter) {}
