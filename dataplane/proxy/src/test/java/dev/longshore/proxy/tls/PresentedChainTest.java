package dev.longshore.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.HardLimits;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PresentedChainTest {
  private final X509Bundle root = selfSigned("CN=root");
  private final X509Bundle upper = authority("CN=upper", root);
  private final X509Bundle lower = authority("CN=lower", upper);
  private final X509Bundle leaf = issue(builder("CN=leaf"), lower);

  private static CertificateBuilder builder(String subject) {
    return new CertificateBuilder().ecp256().subject(subject);
  }

  private static X509Bundle authority(String subject, X509Bundle issuer) {
    return issue(builder(subject).setIsCertificateAuthority(true), issuer);
  }

  private static X509Bundle issue(CertificateBuilder builder, X509Bundle issuer) {
    try {
      return builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Bundle selfSigned(String subject) {
    try {
      return builder(subject).setIsCertificateAuthority(true).buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate[] shown(X509Bundle... bundles) {
    return Arrays.stream(bundles).map(X509Bundle::getCertificate).toArray(X509Certificate[]::new);
  }

  @Test
  void isThePathUpwardsInWhateverOrderItCame() throws Exception {
    X509Bundle stranger = authority("CN=stranger", root);
    assertThat(PresentedChain.path(shown(leaf, root, upper, stranger, lower)))
        .containsExactly(shown(leaf, lower, upper));
  }

  /** Else the JDK goes up from each of them, in each layer, and tries all combinations. */
  @Test
  void ofThoseWithOneNameTheIssuerIsTaken() throws Exception {
    X509Bundle other = authority("CN=lower", upper);
    X509Bundle another = authority("CN=lower", upper);
    assertThat(PresentedChain.path(shown(leaf, other, another, lower, upper)))
        .containsExactly(shown(leaf, lower, upper));
  }

  @Test
  void aSelfIssuedLeafStays() throws Exception {
    X509Bundle own = selfSigned("CN=own");
    assertThat(PresentedChain.path(shown(own, own, root))).containsExactly(shown(own));
  }

  @Test
  void moreThanAnybodyNeedsIsNotLookedAt() {
    X509Bundle[] many = new X509Bundle[HardLimits.CHAIN_CERTIFICATES + 1];
    Arrays.fill(many, upper);
    many[0] = leaf;
    assertThatThrownBy(() -> PresentedChain.path(shown(many)))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("shows 11 certificates");
  }

  @Test
  void whatIsShownIsVerifiedByWhatIsTrusted() throws Exception {
    EndpointTrust trust = EndpointTrust.of(List.of(root.getCertificate()));
    assertThatCode(() -> trust.checkServerTrusted(shown(leaf, upper, root, lower), "ECDHE_ECDSA"))
        .doesNotThrowAnyException();
    EndpointTrust middle = EndpointTrust.of(List.of(lower.getCertificate()));
    assertThatCode(() -> middle.checkServerTrusted(shown(leaf, lower, upper), "ECDHE_ECDSA"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> trust.checkServerTrusted(shown(leaf, upper), "ECDHE_ECDSA"))
        .isInstanceOf(CertificateException.class);
  }
}
