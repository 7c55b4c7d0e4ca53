package dev.longshore.operator.push;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes credentials into each pool that refers to them, for data planes of an earlier version,
 * which know no other way. What that comes to in a message is bounded: pools beyond it, in the
 * order of their names, keep their reference, and so are closed as all that such a data plane can't
 * read.
 */
final class InlineCredentials {
  private static final Comparator<PoolKey> ORDER =
      Comparator.comparing(PoolKey::namespace)
          .thenComparing(PoolKey::kind)
          .thenComparing(PoolKey::resource)
          .thenComparing(PoolKey::upstream);

  private InlineCredentials() {}

  static RoutingSnapshot of(RoutingSnapshot snapshot) {
    if (snapshot.credentials().size() == 0) {
      return snapshot;
    }
    List<UpstreamPool> pools = new ArrayList<>();
    snapshot
        .pools()
        .forEach(
            (key, pool) -> {
              if (pool.tls() != null && pool.tls().credentials() != null) {
                pools.add(pool);
              }
            });
    pools.sort(Comparator.comparing(UpstreamPool::key, ORDER));
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    int left = HardLimits.INLINE_CREDENTIALS;
    for (UpstreamPool pool : pools) {
      UpstreamTls tls = pool.tls();
      UpstreamCredentials credentials = tls == null ? null : snapshot.credentialsOf(tls);
      if (tls != null && credentials != null && credentials.length() <= left) {
        left -= credentials.length();
        builder.put(pool.withTls(inline(tls, credentials)));
      }
    }
    return builder.build();
  }

  private static UpstreamTls inline(UpstreamTls tls, UpstreamCredentials credentials) {
    return new UpstreamTls(
        tls.serverName(), credentials.trustedCertificates(), credentials.clientCertificate());
  }
}
