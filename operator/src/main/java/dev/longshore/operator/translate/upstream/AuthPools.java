package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.PoolKey;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.policy.AuthServices;
import dev.longshore.operator.translate.verdict.Problems;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes pools of the Services that the policies of one resource have asked. */
public final class AuthPools implements AuthServices {
  private final ClaimsBuilder claims;
  private final UpstreamReader reader;
  private final References references;
  private final Map<Named, Read> read = new HashMap<>();

  public AuthPools(ClaimsBuilder claims, UpstreamReader reader, References references) {
    this.claims = claims;
    this.reader = reader;
    this.references = references;
  }

  /** What is named. */
  private record Named(ServiceRef service, Upstream.@Nullable Tls tls) {}

  /** What it was the first time. */
  private record Read(PoolKey key, Problems problems) {}

  @Override
  public String namespace() {
    return references.namespace();
  }

  @Override
  public @Nullable PoolKey pool(
      ServiceRef service, Upstream.@Nullable Tls tls, String path, Problems problems) {
    Read known = read.computeIfAbsent(new Named(service, tls), named -> read(named, path));
    problems.addAll(known.problems);
    return known.problems.hasFault() ? null : known.key;
  }

  /** The same whatever else the resource says, so that an edit of that is none of the pool. */
  private static String name(Named named) {
    ServiceRef.Port port = named.service.port();
    return "auth:"
        + named.service.name()
        + ":"
        + (port == null ? "" : port.number() == null ? port.name() : port.number())
        + (named.tls == null ? "" : ":" + Integer.toHexString(named.tls.toString().hashCode()));
  }

  private Read read(Named named, String path) {
    PoolKey key = claims.poolKey(name(named));
    Problems found = new Problems();
    // What is spoken is HTTP/1.1, whatever else the Service's port says.
    Upstream upstream =
        new Upstream(
            null,
            named.service,
            null,
            named.tls == null ? Upstream.Protocol.WS : Upstream.Protocol.WSS,
            named.tls,
            null,
            null,
            null,
            null,
            null,
            null);
    PoolClaim pool = reader.read(key, upstream, field -> path + "." + field, found);
    if (pool == null || found.hasFault()) {
      claims.unresolved(path + ".service");
    } else {
      claims.pool(pool);
    }
    return new Read(key, found);
  }
}
