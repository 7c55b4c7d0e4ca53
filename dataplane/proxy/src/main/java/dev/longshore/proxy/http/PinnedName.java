package dev.longshore.proxy.http;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import org.jspecify.annotations.Nullable;

/**
 * The name that an upstream's certificate has to be for. It is the configuration's word and never
 * the client's: whoever could choose it would make good endpoints fail verification, and have a
 * session and an idle connection for every name it thinks of.
 */
final class PinnedName {
  private PinnedName() {}

  /**
   * The first there is of: {@code serverName}, the Host that the rule writes, the rule's own host
   * if it is one (and no wildcard), the DNS name of the pool's Service.
   *
   * @return without port and brackets; null: the pool has endpoints and no Service, and each has to
   *     have a certificate for its address
   */
  static @Nullable String of(RuleKey rule, Rewrite rewrite, UpstreamPool pool) {
    UpstreamTls tls = pool.tls();
    if (tls != null && tls.serverName() != null) {
      return tls.serverName();
    }
    String written = rewrite.host() == null ? null : HostName.of(rewrite.host());
    if (written != null) {
      return HostName.unbracketed(written);
    }
    if (rule.host().indexOf('*') < 0) {
      return rule.host();
    }
    EndpointSetKey set = pool.endpoints();
    return set.service().indexOf('/') < 0 ? set.service() + "." + set.namespace() + ".svc" : null;
  }
}
