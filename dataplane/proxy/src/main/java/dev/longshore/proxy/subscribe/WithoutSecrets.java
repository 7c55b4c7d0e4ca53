package dev.longshore.proxy.subscribe;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes everything secret out of a table, so that it may lie on a disk. What is left is never more
 * open than the whole: a listener without its certificate, an upstream that is not shown ours, a
 * cookie that nobody knows any more, and 503 where a credential would be set.
 */
final class WithoutSecrets {
  /** What rules are closed with; nothing of it is sent to clients. */
  private static final Unavailable WITHOUT_CREDENTIALS =
      new Unavailable(
          "SecretNotKept",
          "sets headers to credentials, which are not kept on disk: waits for an operator");

  private WithoutSecrets() {}

  /**
   * The table without server certificates, without client certificates for upstreams, without the
   * keys of affinity cookies, and without rules that set a header to a credential: one of a Secret,
   * or of a name that says it. Going on without the header would pass on what the client says in
   * it.
   *
   * @throws IOException if something else in it is secret
   */
  static RoutingSnapshot of(RoutingSnapshot snapshot) throws IOException {
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    List<CertificateKey> certificates = new ArrayList<>();
    snapshot.certificates().forEach((key, certificate) -> certificates.add(key));
    certificates.forEach(builder::removeCertificate);
    builder.settings(snapshot.settings().withoutDefaultCertificate());
    snapshot
        .pools()
        .forEach(
            (key, pool) -> {
              UpstreamTls tls = withoutClientCertificate(pool.tls(), snapshot, builder);
              Affinity affinity = withoutKey(pool.affinity());
              if (!Objects.equals(tls, pool.tls()) || !Objects.equals(affinity, pool.affinity())) {
                builder.put(withTheseOnly(pool, tls, affinity));
              }
            });
    snapshot
        .rules()
        .forEach(
            (key, rule) -> {
              if (rule.action() instanceof Served served
                  && holdsCredential(snapshot.policies().get(served.policy()))) {
                builder.put(new LocationRule(key, rule.source(), WITHOUT_CREDENTIALS));
              }
            });
    RoutingSnapshot open = builder.build();
    if (SnapshotCodec.holdsSecret(open)) {
      throw new IOException("the table holds secrets, and the folder is not memory-backed");
    }
    return open;
  }

  private static boolean holdsCredential(@Nullable Policy policy) {
    return policy != null
        && (policy.get(RequestHeaders.class).edits().holdCredential()
            || policy.get(ResponseHeaders.class).edits().holdSecret());
  }

  private static @Nullable UpstreamTls withoutClientCertificate(
      @Nullable UpstreamTls tls, RoutingSnapshot snapshot, SnapshotBuilder builder) {
    UpstreamCredentials credentials = tls == null ? null : snapshot.credentialsOf(tls);
    if (tls == null || credentials == null || credentials.clientCertificate() == null) {
      return tls;
    }
    UpstreamCredentials open = new UpstreamCredentials(credentials.trustedCertificates(), null);
    if (tls.credentials() == null) {
      return new UpstreamTls(tls.serverName(), open.trustedCertificates(), null);
    }
    SharedCredentials shared = new SharedCredentials(open);
    builder.put(shared);
    return UpstreamTls.by(shared, tls.serverName());
  }

  private static @Nullable Affinity withoutKey(@Nullable Affinity affinity) {
    return affinity == null || affinity.key() == null
        ? affinity
        : new Affinity(
            affinity.cookie(), affinity.ttl(), affinity.path(), affinity.sameSite(), null);
  }

  private static UpstreamPool withTheseOnly(
      UpstreamPool pool, @Nullable UpstreamTls tls, @Nullable Affinity affinity) {
    UpstreamPool open = pool.withTls(tls);
    return affinity == null ? open : open.with(affinity);
  }
}
