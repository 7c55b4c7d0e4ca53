package dev.longshore.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.Secret;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.pkitesting.X509Bundle;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WithoutSecretsTest {
  @Test
  void whatIsLeftIsValidAndHoldsNoKey() throws Exception {
    X509Bundle own = TestCertificates.issue("longshore");
    Settings.Tls tls = Settings.DEFAULT.tls();
    RoutingSnapshot whole =
        new TestRoutes()
            .settings(
                new TestSettings()
                    .tls(
                        new Settings.Tls(
                            tls.minVersion(),
                            tls.maxVersion(),
                            List.of(),
                            TestCertificates.KEY,
                            null))
                    .build())
            .all()
            .tls(
                new UpstreamTls(
                    "chat.internal",
                    TestCertificates.authority().getCertificatePEM(),
                    new ClientCertificate(
                        own.getCertificatePathPEM(), new Secret(own.getPrivateKeyPEM()))))
            .to(new InetSocketAddress("127.0.0.1", 1))
            .build();
    assertThat(SnapshotValidator.validate(whole)).isEmpty();
    RoutingSnapshot open = WithoutSecrets.of(whole);
    assertThat(SnapshotValidator.validate(open)).isEmpty();
    assertThat(new String(SnapshotCodec.write(open), StandardCharsets.UTF_8))
        .doesNotContain("PRIVATE KEY");
    assertThat(open.pools().iterator().next().getValue().tls()).isNotNull();
  }

  private static RoutingSnapshot setting(Header header) {
    RoutingSnapshot whole =
        new TestRoutes()
            .all()
            .policy(new TestPolicy().request(List.of(header)).build())
            .to(new InetSocketAddress("127.0.0.1", 1))
            .build();
    assertThat(SnapshotValidator.validate(whole)).isEmpty();
    return whole;
  }

  @Test
  void rulesThatSetCredentialsAreClosed() throws Exception {
    for (Header header :
        List.of(
            Header.secret("X-A", new Secret("hush")),
            new Header("Authorization", "hush"),
            new Header("x-api-key", "hush"))) {
      RoutingSnapshot open = WithoutSecrets.of(setting(header));
      assertThat(SnapshotValidator.validate(open)).isEmpty();
      assertThat(new String(SnapshotCodec.write(open), StandardCharsets.UTF_8))
          .doesNotContain("hush");
      assertThat(open.rules()).isNotEmpty();
      open.rules()
          .forEach((key, rule) -> assertThat(rule.action()).isInstanceOf(Unavailable.class));
    }
  }

  @Test
  void otherHeadersAreKept() throws Exception {
    RoutingSnapshot whole = setting(new Header("X-A", "[redacted]"));
    assertThat(WithoutSecrets.of(whole).rules()).isEqualTo(whole.rules());
  }
}
