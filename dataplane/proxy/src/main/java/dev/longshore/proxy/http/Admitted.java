package dev.longshore.proxy.http;

import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.filter.AffinityCookie;
import dev.longshore.proxy.filter.TunnelGuard;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.limit.Permit;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.proof.Proof;
import dev.longshore.proxy.route.CompiledAction;
import dev.longshore.proxy.route.CompiledRule;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that is to be passed, with what it runs under to its end: later changes of
 * configuration don't touch it. On the event loop of its connection.
 */
public final class Admitted implements Decision {
  private final ClientRequest request;
  private final CompiledRule rule;
  private final CompiledAction.Forward forward;
  private final Pool pool;
  private final PickHint hint;
  private final @Nullable ClientContext tls;
  private final @Nullable String tlsName;
  private final Settings settings;
  private final HeaderEdits edits;
  private final AdmittedAs as;
  private @Nullable Permit permit;

  /**
   * All that was found.
   *
   * @param forward the action of {@code rule}
   * @param pool where it goes, retries too
   * @param hint what it asks of the choice of an endpoint
   * @param tls what upstream connections are secured with, to be {@linkplain #release released};
   *     null: they are in the clear
   * @param tlsName what the endpoints' certificate has to be for; null: each its own address
   * @param settings as they were
   * @param edits what filters change of the head that goes upstream
   * @param permit that it holds; null: none
   * @param as what filters have made of it beside
   */
  Admitted(
      ClientRequest request,
      CompiledRule rule,
      CompiledAction.Forward forward,
      Pool pool,
      PickHint hint,
      @Nullable ClientContext tls,
      @Nullable String tlsName,
      Settings settings,
      HeaderEdits edits,
      @Nullable Permit permit,
      AdmittedAs as) {
    this.request = request;
    this.rule = rule;
    this.forward = forward;
    this.pool = pool;
    this.hint = hint;
    this.tls = tls;
    this.tlsName = tlsName;
    this.settings = settings;
    this.edits = edits;
    this.permit = permit;
    this.as = as;
  }

  /** The request. */
  public ClientRequest request() {
    return request;
  }

  /** The rule that matched. */
  public CompiledRule rule() {
    return rule;
  }

  /** The rule's policy. */
  public CompiledPolicy policy() {
    return forward.policy();
  }

  /** What filters change of the head that goes upstream. */
  public HeaderEdits edits() {
    return edits;
  }

  Pool pool() {
    return pool;
  }

  PickHint hint() {
    return hint;
  }

  Settings settings() {
    return settings;
  }

  /** What a connection to an endpoint is secured with; null: it is in the clear. */
  public @Nullable TlsTarget tlsTo(EndpointState endpoint) {
    return tls == null ? null : new TlsTarget(tls, tlsName == null ? endpoint.address() : tlsName);
  }

  /** What is spoken with endpoints; handshakes by HTTP/1.1 where streams can't carry them. */
  Upstreams.Wire wire() {
    boolean http2 =
        pool.config().protocol() == UpstreamPool.Protocol.HTTP_2
            // It has become so since: the context is an older one.
            && (tls == null || tls.speaksHttp2());
    if (!http2) {
      return Upstreams.Wire.HTTP_1_1;
    }
    return request.websocket() ? Upstreams.Wire.EXTENDED_CONNECT : Upstreams.Wire.HTTP_2;
  }

  /** Whether it is a call of gRPC, which only HTTP/2 can carry to its endpoint. */
  boolean isCall() {
    return wire() == Upstreams.Wire.HTTP_2 && GrpcCalls.isOne(request.headers());
  }

  /** The request's head, for an upstream. */
  public UpstreamRequestHead upstreamHead() {
    String host = forward.rewrite().host();
    return new UpstreamRequestHead(
        request,
        forward.rewriteTarget(as.target(), rule.key()),
        host != null ? host : request.authority(),
        Edits.then(policy().requestHeaders(), edits),
        settings.forwardedHeaders());
  }

  /**
   * The cookie that brings the client back to the endpoint that answers. Null: it would come back
   * anyway, or nobody wants that.
   */
  @Nullable AffinityCookie affinityCookie(EndpointState endpoint) {
    Affinity affinity = pool.config().affinity();
    String value = affinity == null ? null : pool.cookieOf(endpoint);
    return affinity == null || value == null || value.equals(hint.cookie())
        ? null
        : new AffinityCookie(affinity, value, request.secure());
  }

  /**
   * It has become a tunnel.
   *
   * @param revoke closes that
   */
  public void opened(Runnable revoke) {
    TunnelGuard guard = as.guard();
    if (guard != null) {
      guard.opened(revoke);
    }
  }

  /** When the tunnel ends at the latest, by the clock on the wall; null: no filter says. */
  public @Nullable Instant end() {
    return as.end();
  }

  /** By what it was let in; the tunnel that it becomes keeps it. */
  public List<Proof> proofs() {
    return as.proofs();
  }

  /** The subprotocol that is agreed to if the upstream agrees to none; null: then none is. */
  public @Nullable String subprotocolOtherwise() {
    return as.subprotocol();
  }

  /** About what the tunnel that it becomes takes of the heap, beside that itself. */
  public long guardBytes() {
    TunnelGuard guard = as.guard();
    return guard == null ? 0 : guard.bytesOfHeap();
  }

  /** The permit, which the caller releases from now on. Once. */
  public Permit takePermit() {
    Permit held = Objects.requireNonNull(permit, "holds no permit");
    permit = null;
    return held;
  }

  /** Lets go what is held for the request. Once, when no further connection will be made. */
  void release() {
    if (tls != null) {
      tls.release();
    }
    if (permit != null) {
      permit.release();
      permit = null;
    }
  }
}
