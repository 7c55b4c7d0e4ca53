package dev.longshore.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
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
}
