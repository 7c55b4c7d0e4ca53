package dev.longshore.operator.translate.host;

import dev.longshore.contract.Matches;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.operator.translate.claim.Canary;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.host.Ruling.TlsBy;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What goes into the table for a place: the claim that wins it, with what its host's TLS makes of
 * it and what a canary adds to it.
 */
final class RuleAwards {
  private RuleAwards() {}

  /** The claim that has the place, if any, as it goes into the table. */
  static @Nullable Award winner(Host host, RuleKey key) {
    if (host.beyond(key) != null) {
      return null;
    }
    Contender winner = host.winner(key);
    RuleKey base = new RuleKey(key.host(), key.pathType(), key.path(), Matches.NONE);
    Contender canary = winner == null || base.equals(key) ? host.canary(base) : null;
    Contender main = canary == null ? winner : host.winner(base);
    if (main == null) {
      return null;
    }
    Outcome outcome = outcome(host, main);
    if (canary == null) {
      return new Award(main.rule(), outcome);
    }
    Canary terms = canary.rule().canary();
    if (terms == null
        || !(outcome instanceof Outcome.Serve serve)
        || !(canary.rule().outcome() instanceof Outcome.Serve own)
        // Who answers by itself shares nothing.
        || serve.backends().isEmpty()
        || own.backends().isEmpty()) {
      return base.equals(key) ? new Award(main.rule(), outcome) : null;
    }
    Outcome shared = terms.outcome(serve, own, key.matches());
    return shared == null ? null : new Award(main.rule(), shared);
  }

  /**
   * What the policy says of requests in the clear is for hosts that somebody wants TLS for, and not
   * for what ACME servers ask before there is a certificate. Nobody is sent to a handshake that
   * can't succeed.
   */
  static Outcome outcome(Host host, Contender winner) {
    RuleKey key = winner.rule().key();
    TlsBy tls = host.ruling().tls();
    if (!(winner.rule().outcome() instanceof Outcome.Serve serve)) {
      return winner.rule().outcome();
    }
    boolean challenge = AcmeChallenges.cover(key.pathType(), key.path());
    if (tls == null && !challenge && serve.forcesHttps() && host.handshakes()) {
      return serve;
    }
    if (tls == null || challenge) {
      return new Outcome.Serve(
          serve.action(), serve.policy().with(InsecureMode.ALLOW), serve.forcesHttps());
    }
    return serve.policy().get(InsecureMode.class) == InsecureMode.REDIRECT && !host.handshakes()
        ? new Outcome.Refuse(noCertificate(key.host(), winner.claimant(), tls))
        : serve;
  }

  private static Problem noCertificate(String host, Claimant claimant, TlsBy tls) {
    boolean own = tls.claimant().equals(claimant);
    return Problem.warning(
        Reason.SECRET_NOT_FOUND,
        own ? tls.fieldPath() : "spec.rules",
        "host "
            + Quote.of(host)
            + " is to have TLS"
            + (own ? "" : ", by " + tls.claimant().ref() + " " + tls.fieldPath() + ",")
            + " and there is no certificate for it, so its rules answer 503: name a Secret in"
            + " secretName, or give the LongshoreConfig a default certificate; to serve it in the"
            + " clear, remove the entry or write insecure: Allow");
  }
}
