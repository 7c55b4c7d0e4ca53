package dev.longshore.operator.translate.host;

import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Who may have rules on a host.
 *
 * @param owner null: nobody claims it, or it is the catch-all host
 * @param tls who wants TLS for it; null: nobody who may
 */
record Ruling(String host, @Nullable HostOwner owner, Admission admission, @Nullable TlsBy tls) {
  /** Who wants TLS for a host, and where. */
  record TlsBy(Claimant claimant, String fieldPath) {}

  boolean permits(Claimant claimant) {
    String namespace = claimant.namespace();
    if (host.equals(RuleKey.ANY_HOST)) {
      return admission.mayCatchAll(namespace);
    }
    return admission.reserved().permits(namespace, host)
        && (admission.shared() || owner == null || owner.namespace().equals(namespace));
  }

  /** Why a claim is not let in; null when it is. */
  @Nullable Problem refusal(Claimant claimant, String fieldPath) {
    return permits(claimant)
        ? null
        : Problem.warning(Reason.NOT_ALLOWED, fieldPath, why(claimant.namespace()));
  }

  private String why(String namespace) {
    if (host.equals(RuleKey.ANY_HOST)) {
      return "namespace "
          + namespace
          + " may not claim every host: name hosts, or have spec.catchAllNamespaces of the"
          + " LongshoreConfig list it";
    }
    if (owner == null || !admission.reserved().permits(namespace, host)) {
      return "host "
          + Quote.of(host)
          + " is not for namespace "
          + namespace
          + ": use another host, or have spec.hosts of the LongshoreConfig list the namespace for"
          + " it";
    }
    Claimant by = owner.by();
    return "host "
        + Quote.of(host)
        + (by != null
            ? " belongs to namespace " + owner.namespace() + ", by " + by.ref()
            : " is kept for namespace "
                + owner.namespace()
                + ", which claimed it before"
                + (owner.until() == null ? "" : ", until " + owner.until()))
        + ": use another host, or have the LongshoreConfig say hostOwnership: Shared";
  }
}
