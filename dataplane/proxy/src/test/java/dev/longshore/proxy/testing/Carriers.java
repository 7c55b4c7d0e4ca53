package dev.longshore.proxy.testing;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.testing.RawUpstream.Script;
import io.netty.pkitesting.X509Bundle;

/**
 * What the two sides of a tunnel are carried by. Tests that hold of every tunnel take one as a
 * parameter, so that what is promised of one is asked of all.
 */
public enum Carriers {
  /** Connections of HTTP/1.1 in the clear. */
  CLEAR(Wire.PLAIN, false, false),
  /** The client's is by TLS. */
  CLIENT_TLS(Wire.TLS, false, false),
  /** The upstream's is by TLS. */
  UPSTREAM_TLS(Wire.PLAIN, true, false),
  /** Both are. */
  TLS(Wire.TLS, true, false),
  /** A stream of the client's, and a connection to the upstream. */
  STREAM(Wire.HTTP2, false, false),
  /** A connection of the client's, and a stream to the upstream. */
  TO_STREAM(Wire.PLAIN, false, true),
  /** A stream on both sides. */
  STREAMS(Wire.HTTP2, false, true);

  private static final String INTERNAL_HOST = "chat.internal";
  private static final X509Bundle INTERNAL = TestCertificates.issue(INTERNAL_HOST);

  private final Wire wire;
  private final boolean tls;
  private final boolean streamed;

  Carriers(Wire wire, boolean tls, boolean streamed) {
    this.wire = wire;
    this.tls = tls;
    this.streamed = streamed;
  }

  /** How its client connects. */
  public Wire wire() {
    return wire;
  }

  /** Whether a side is by TLS, and no stream. */
  public boolean isTls() {
    return tls || wire == Wire.TLS;
  }

  /** Whether the client's side is a stream. */
  public boolean isStream() {
    return wire == Wire.HTTP2;
  }

  /** Whether the upstream's side is a stream. */
  public boolean isToStream() {
    return streamed;
  }

  /** An upstream that is reached by it, and does what the script says. */
  public RawUpstream upstream(Script script) {
    if (streamed) {
      return RawUpstream.streamed(script);
    }
    return tls
        ? RawUpstream.secured(TestCertificates.serving(INTERNAL), false, script)
        : RawUpstream.start(script);
  }

  /** Has a rule's pool spoken to by it. */
  public TestRoutes.Rule rule(TestRoutes.Rule rule) {
    if (tls) {
      rule.tls(
          new UpstreamTls(INTERNAL_HOST, TestCertificates.authority().getCertificatePEM(), null));
    }
    return rule.pool(this::pool);
  }

  /** A pool that is spoken to by it, but for TLS. */
  public UpstreamPool pool(UpstreamPool pool) {
    return streamed ? pool.with(Protocol.HTTP_2) : pool;
  }

  /** Everything to one upstream. */
  public TestRoutes routes(RawUpstream upstream) {
    return routes(upstream, Policy.DEFAULT);
  }

  /** Everything to one upstream, by a policy. */
  public TestRoutes routes(RawUpstream upstream, Policy policy) {
    return rule(new TestRoutes().all().policy(policy)).to(upstream.address());
  }
}
