package dev.longshore.proxy.subscribe;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes everything secret out of a table, so that it may lie on a disk. What is left is never more
 * open than the whole: a listener without its certificate, and an upstream that is not shown ours.
 */
final class WithoutSecrets {
  private static final String SHOWN_INSTEAD = "[redacted]";

  private WithoutSecrets() {}

  /**
   * The table without server certificates, and without client certificates for upstreams.
   *
   * @throws IOException if something else in it is, or looks, secret
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
              UpstreamTls tls = pool.tls();
              if (tls != null && tls.clientCertificate() != null) {
                builder.put(withoutClientCertificate(pool, tls));
              }
            });
    RoutingSnapshot open = builder.build();
    String shown = new String(SnapshotCodec.redacted(open), StandardCharsets.US_ASCII);
    if (shown.contains(SHOWN_INSTEAD)) {
      throw new IOException("the table holds secrets, and the folder is not memory-backed");
    }
    return open;
  }

  private static UpstreamPool withoutClientCertificate(UpstreamPool pool, UpstreamTls tls) {
    return new UpstreamPool(
        pool.key(),
        pool.endpoints(),
        pool.balancing(),
        pool.slowStart(),
        pool.keepalive(),
        new UpstreamTls(tls.serverName(), tls.trustedCertificates(), null));
  }
}
