package dev.longshore.operator.translate.secret;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.verdict.Quote;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the credentials of one resource's upstreams, so that what they come to is known before
 * any is built: 64 upstreams with eight bundles each in 64 orders would be as many texts.
 */
public final class CredentialsReader {
  private static final int MOST_BUNDLES = 64;

  private final CertificateStore store;
  private final Set<ResourceRef> bundles = new HashSet<>();
  private final Set<SharedCredentials> taken = new HashSet<>();
  private int length;

  public CredentialsReader(CertificateStore store) {
    this.store = store;
  }

  /**
   * Notes that a bundle is referred to.
   *
   * @throws IllegalArgumentException if it is one too many
   */
  public void refer(ResourceRef bundle) {
    if (!bundles.contains(bundle) && bundles.size() >= MOST_BUNDLES) {
      throw new IllegalArgumentException(
          "is the "
              + (MOST_BUNDLES + 1)
              + "th different bundle of this resource: at most "
              + MOST_BUNDLES);
    }
    bundles.add(bundle);
  }

  /**
   * The credentials of one upstream.
   *
   * @param trusted sorted and distinct; null: the system's
   * @throws IllegalArgumentException if they are too much; the message says for what
   */
  public SharedCredentials read(
      @Nullable SequencedSet<TrustedCertificate> trusted, @Nullable KeyPair own) {
    int chars = trusted == null ? 0 : length(trusted);
    if (trusted != null
        && (trusted.size() > HardLimits.TRUSTED_CERTIFICATES || chars > HardLimits.TRUSTED_CHARS)) {
      throw new IllegalArgumentException(
          "come to %,d certificates of %,d characters: at most %,d of %,d, so name only those that sign the endpoints' certificates"
              .formatted(
                  trusted.size(),
                  chars,
                  HardLimits.TRUSTED_CERTIFICATES,
                  HardLimits.TRUSTED_CHARS));
    }
    if (trusted != null) {
      checkNames(trusted);
    }
    if (own != null) {
      chars += own.chain().length() + own.privateKey().reveal().length();
    }
    if (length + chars > HardLimits.CREDENTIALS_PER_RESOURCE) {
      // Those that are the same as another upstream's cost nothing, but to find that out they
      // would have to be built; so they are let in as long as one more would fit.
      throw new IllegalArgumentException(
          "come with those of the other upstreams to more than %,d characters: let upstreams share bundles, or use several resources"
              .formatted(HardLimits.CREDENTIALS_PER_RESOURCE));
    }
    SharedCredentials credentials = store.credentials(trusted, own);
    if (taken.add(credentials)) {
      length += credentials.content().length();
    }
    return credentials;
  }

  /** Each of the name that an endpoint's issuer has is tried, on an event loop. */
  private static void checkNames(Collection<TrustedCertificate> trusted) {
    Map<String, Integer> named = new HashMap<>();
    for (TrustedCertificate each : trusted) {
      if (named.merge(each.subject(), 1, Integer::sum) > HardLimits.TRUSTED_OF_ONE_NAME) {
        throw new IllegalArgumentException(
            "have more than %d different certificates of the subject %s: leave out those that sign nothing any more"
                .formatted(HardLimits.TRUSTED_OF_ONE_NAME, Quote.of(each.subject())));
      }
    }
  }

  private static int length(Collection<TrustedCertificate> certificates) {
    return certificates.stream().mapToInt(each -> each.pem().length()).sum();
  }
}
