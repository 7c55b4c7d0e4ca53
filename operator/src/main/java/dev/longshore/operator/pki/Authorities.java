package dev.longshore.operator.pki;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The authorities that data planes trust, and which of them signs. Pure.
 *
 * <p>A new one is added well before the one before it ends. It is trusted at once but signs only
 * after {@link #SETTLE}, when every data plane has read the new bundle; the one before stays
 * trusted until it ends, so that what it signed stays good. So all replicas know from the time
 * alone which one signs.
 *
 * @param all the oldest first
 */
record Authorities(List<Authority> all) {
  /** Of an authority. */
  static final Duration LIFETIME = Duration.ofDays(365);

  /** The age at which the next one is made. */
  static final Duration ROTATE = Duration.ofDays(243);

  /** From when a new one is trusted until it signs. */
  static final Duration SETTLE = Duration.ofDays(1);

  /** None yet. */
  static final Authorities NONE = new Authorities(List.of());

  Authorities {
    all = all.stream().sorted(Comparator.comparing(Authority::created)).toList();
  }

  /** What there has to be now: without those that ended, and with one that lasts. */
  Authorities kept(Instant now) {
    List<Authority> kept =
        new ArrayList<>(all.stream().filter(one -> now.isBefore(one.notAfter())).toList());
    if (kept.isEmpty() || !now.isBefore(kept.getLast().created().plus(ROTATE))) {
      kept.add(Authority.create(now, LIFETIME));
    }
    return kept.equals(all) ? this : new Authorities(kept);
  }

  /** Which one signs: the newest that every data plane knows, or the oldest when all are new. */
  Authority signer(Instant now) {
    Authority signer = all.getFirst();
    for (Authority one : all) {
      if (!now.isBefore(one.created().plus(SETTLE)) && now.isBefore(one.notAfter())) {
        signer = one;
      }
    }
    return signer;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether an identity is signed by one of these. */
  boolean signed(ServerIdentity identity) {
    X509Certificate issuer = identity.chain().getLast();
    return all.stream().anyMatch(one -> one.certificate().equals(issuer));
  }

  /** What data planes trust. */
  String bundle() {
    return AuthorityPem.of(all.stream().map(Authority::certificate).toList());
  }
}
