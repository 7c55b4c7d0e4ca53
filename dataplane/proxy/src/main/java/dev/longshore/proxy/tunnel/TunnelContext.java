package dev.longshore.proxy.tunnel;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.proof.Proof;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel keeps of the handshake that opened it. It holds the rule that admitted it: later
 * changes of configuration don't touch it, but for those after which it would not be admitted any
 * more, if it is to be closed then.
 *
 * @param client address of the client after trusted proxies, without port
 * @param requestId value of X-Request-Id
 * @param host as the rule was matched
 * @param path normalised, without query
 * @param rule that admitted it
 * @param terms of that rule's policy at that time
 * @param endpoint released exactly once, when the tunnel has ended
 * @param origin value of the Origin header; null: there was none
 * @param secure whether the client came over TLS
 * @param subprotocol agreed in the handshake
 * @param protocol by which the client asked for it, such as {@code HTTP/2}
 * @param proofs by what it was let in, without anything secret
 */
public record TunnelContext(
    String client,
    String requestId,
    String host,
    String path,
    LocationRule rule,
    TunnelTerms terms,
    EndpointLease endpoint,
    @Nullable String origin,
    boolean secure,
    @Nullable String subprotocol,
    String protocol,
    List<Proof> proofs) {

  /** The manifest place that the rule comes from. */
  public RuleSource source() {
    return rule.source();
  }

  /** About what it takes of the heap. */
  public long bytesOfHeap() {
    return (long) path.length()
        + host.length()
        + requestId.length()
        + (origin == null ? 0 : origin.length())
        + (subprotocol == null ? 0 : subprotocol.length())
        + proofs.stream().mapToLong(Proof::bytesOfHeap).sum();
  }
}
