package dev.longshore.contract;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the endpoints of a pool. Their certificates are always verified.
 *
 * @param serverName the name for SNI and for the endpoint's certificate; null: the first there is
 *     of the Host that the rule writes, the rule's host if it is no wildcard, {@code
 *     SERVICE.NAMESPACE.svc}, the endpoint's address; never what a client chose
 * @param trustedCertificates PEM of those that an endpoint's certificate must lead to; null: the
 *     system's. For data planes that don't know {@code credentials}
 * @param clientCertificate what the data plane presents when it is asked; null: nothing. Likewise
 * @param credentials the id of the {@link SharedCredentials} that say both; null: the two above do
 */
public record UpstreamTls(
    @Nullable String serverName,
    @Nullable String trustedCertificates,
    @Nullable ClientCertificate clientCertificate,
    @Nullable String credentials)
    implements PoolPart {

  /** The feature of {@code credentials}, which was added when TLS had been published. */
  private static final String SHARED = "shared-credentials";

  /** Verified against the system's certificates, by the rule's name. */
  public static final UpstreamTls SYSTEM = new UpstreamTls(null, null, null, null);

  /** TLS that says itself whom it trusts and what it presents. */
  public UpstreamTls(
      @Nullable String serverName,
      @Nullable String trustedCertificates,
      @Nullable ClientCertificate clientCertificate) {
    this(serverName, trustedCertificates, clientCertificate, null);
  }

  /** TLS by credentials that the snapshot holds. */
  public static UpstreamTls by(SharedCredentials credentials, @Nullable String serverName) {
    return new UpstreamTls(serverName, null, null, credentials.id());
  }

  @Override
  public void check(UpstreamPool pool, Field at) {
    EntryChecks.check(this, at);
  }

  @Override
  public Set<String> features() {
    Set<String> needed = new HashSet<>(PoolPart.super.features());
    if (credentials != null) {
      needed.add(SHARED);
    }
    return needed;
  }

  /** What it says itself. */
  public UpstreamCredentials own() {
    return new UpstreamCredentials(trustedCertificates, clientCertificate);
  }

  /** Keyed: tenants choose all of it. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(
        KeyedHash.of(
            Objects.requireNonNullElse(serverName, ""),
            Objects.requireNonNullElse(trustedCertificates, ""),
            Objects.requireNonNullElse(credentials, "")),
        clientCertificate == null ? 0 : KeyedHash.of(clientCertificate.chain()));
  }

  /**
   * A certificate of the data plane's own.
   *
   * @param chain PEM, leaf first
   * @param privateKey PEM (PKCS #8)
   */
  public record ClientCertificate(String chain, Secret privateKey) {}
}
