package dev.longshore.operator.translate.host;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.ResourceRef;
import java.util.HashSet;
import java.util.Set;

/** What has changed since the table was settled last. */
public final class Settlement {
  private final Set<RuleKey> rules = new HashSet<>();
  private final Set<CertificateKey> certificates = new HashSet<>();
  private final Set<ResourceRef> resources = new HashSet<>();

  Settlement() {}

  /** Places whose winner may be another. */
  public Set<RuleKey> rules() {
    return rules;
  }

  /** Certificates that may be others, or for other hosts. */
  public Set<CertificateKey> certificates() {
    return certificates;
  }

  /** Resources whose claims may fare differently. */
  public Set<ResourceRef> resources() {
    return resources;
  }
}
