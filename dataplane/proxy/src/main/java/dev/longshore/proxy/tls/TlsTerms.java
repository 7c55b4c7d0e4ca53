package dev.longshore.proxy.tls;

import dev.longshore.contract.Listener.TlsVersions;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.proxy.net.HostSet;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * What one listener asks of TLS beside what all share.
 *
 * @param names for which there are certificates there; who asks for another has none
 * @param versions that can be agreed on there; null: those of the settings
 */
public record TlsTerms(HostSet names, @Nullable TlsVersions versions) {
  /** Nothing. */
  public static final TlsTerms NONE = new TlsTerms(HostSet.ALL, null);

  /** Whether a client that asks for this name, or for none, may have a certificate. */
  boolean serves(@Nullable String name) {
    return name == null || names.has(name);
  }

  /** Whether TLS 1.3 can be agreed on, as far as this says. */
  boolean allowsTls13() {
    return versions == null || versions.max() == TlsVersion.TLS_1_3;
  }

  /** Has an engine agree on nothing else. Before its handshake. */
  void restrict(SSLEngine engine) {
    if (versions != null) {
      List<String> protocols = ServerContext.protocols(versions.min(), versions.max());
      engine.setEnabledProtocols(protocols.toArray(String[]::new));
    }
  }
}
