package dev.longshore.proxy.tls;

import dev.longshore.contract.Certificate.CertificateKey;
import org.jspecify.annotations.Nullable;

/**
 * What a client connection negotiated.
 *
 * @param serverName the name that the client asked for; null: none
 * @param certificate what it was shown
 */
public record TlsSession(@Nullable String serverName, CertificateKey certificate) {}
