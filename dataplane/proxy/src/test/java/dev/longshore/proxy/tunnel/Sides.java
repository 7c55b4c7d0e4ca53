package dev.longshore.proxy.tunnel;

import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.pkitesting.X509Bundle;

/** Which sides of a tunnel are encrypted. */
enum Sides {
  NEITHER,
  CLIENT,
  UPSTREAM,
  BOTH;

  private static final X509Bundle INTERNAL = TestCertificates.issue("chat.internal");

  Wire wire() {
    return this == CLIENT || this == BOTH ? Wire.TLS : Wire.PLAIN;
  }

  private boolean upstreamToo() {
    return this == UPSTREAM || this == BOTH;
  }

  RawUpstream upstream(Script script) {
    return upstreamToo()
        ? RawUpstream.secured(TestCertificates.serving(INTERNAL), false, script)
        : RawUpstream.start(script);
  }

  TestRoutes routes(RawUpstream upstream) {
    return routes(upstream, Policy.DEFAULT);
  }

  TestRoutes routes(RawUpstream upstream, Policy policy) {
    TestRoutes.Rule rule = new TestRoutes().all().policy(policy);
    if (upstreamToo()) {
      rule.tls(
          new UpstreamTls("chat.internal", TestCertificates.authority().getCertificatePEM(), null));
    }
    return rule.to(upstream.address());
  }
}
