package dev.longshore.operator.translate.host;

import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What owners are told of their rules: served, refused, or who has the place. */
final class RuleFates {
  private RuleFates() {}

  /** What became of one rule of a resource. */
  static Fate of(Host host, Claimant claimant, RuleClaim claimed) {
    RuleClaim rule = host.effective(claimed);
    if (rule.canary() != null) {
      return fateOfCanary(host, claimant, rule);
    }
    Problem refusal = host.ruling().refusal(claimant, rule.hostPath());
    if (refusal != null) {
      return new Fate.Lost(refusal);
    }
    Contender winner = Objects.requireNonNull(host.winner(rule.key()));
    if (!winner.rule().source().equals(rule.source())) {
      return rule.strength() == Strength.FALLBACK
          ? new Fate.Superseded()
          : lost(host, claimant, rule, winner);
    }
    Problem beyond = host.beyond(rule.key());
    if (beyond != null) {
      return new Fate.Lost(beyond);
    }
    return switch (RuleAwards.outcome(host, winner)) {
      case Outcome.Serve serve -> new Fate.Served();
      case Outcome.Refuse refuse -> new Fate.Refused(refuse.problem());
    };
  }

  private static Fate fateOfCanary(Host host, Claimant claimant, RuleClaim rule) {
    if (rule.outcome() instanceof Outcome.Refuse refuse) {
      return new Fate.Refused(refuse.problem());
    }
    Contender main = host.winner(rule.key());
    if (main == null || !main.claimant().namespace().equals(claimant.namespace())) {
      return new Fate.Lost(
          Problem.warning(
              Reason.NO_EFFECT,
              rule.rulePath(),
              "gets no request, for no Ingress of its namespace has "
                  + label(rule.key().pathType())
                  + " "
                  + Quote.of(rule.key().path())
                  + " on host "
                  + Quote.of(rule.key().host())
                  + ": a canary gets some of the requests for the rule of another Ingress with"
                  + " the same host, path and pathType"));
    }
    Contender canary = host.canary(rule.key());
    return canary == null || canary.claimant().equals(claimant)
        ? new Fate.Served()
        : new Fate.Lost(
            Problem.warning(
                Reason.CONFLICTED,
                rule.rulePath(),
                canary.claimant().ref() + " is the canary of this rule, and there is one"));
  }

  /** What else is to be said of a rule that is served; null: nothing. */
  static @Nullable Problem remark(Host host, Claimant claimant, RuleClaim rule) {
    Claimant enforcing = host.enforcing();
    if (enforcing != null
        && !enforcing.equals(claimant)
        && claimant.ref().kind() == Kind.INGRESS
        && rule.pattern() != null) {
      return Problem.note(
          Reason.TRANSLATED,
          rule.hostPath(),
          "all paths of host "
              + Quote.of(rule.key().host())
              + " are regular expressions, from the beginning and without regard to case, the"
              + " longest first, as with ingress-nginx: "
              + enforcing.ref()
              + " has use-regex or rewrite-target");
    }
    return rule.outcome() instanceof Outcome.Serve serve
            && serve.forcesHttps()
            && host.ruling().tls() == null
            && !host.handshakes()
        ? Problem.warning(
            Reason.NOT_SUPPORTED,
            NginxAnnotations.nginxPath("force-ssl-redirect"),
            "no handshake succeeds for host "
                + Quote.of(rule.key().host())
                + ", so nobody is redirected, and requests are served in the clear: name the host"
                + " in spec.tls, give the LongshoreConfig a default certificate, or have it trust"
                + " what ends TLS in front")
        : null;
  }

  /** Nothing is lost when the one that has the place says the same. */
  private static Fate lost(Host host, Claimant claimant, RuleClaim rule, Contender winner) {
    RuleKey key = rule.key();
    boolean same = winner.rule().source().resource().equals(rule.source().resource());
    String difference =
        host.contenders(key).stream()
            .filter(c -> c.claimant().equals(claimant) && c.rule().equals(rule))
            .findFirst()
            .orElse(winner)
            .difference(winner);
    if (difference == null) {
      return new Fate.Superseded();
    }
    String place =
        label(key.pathType())
            + " "
            + Quote.of(key.path())
            + " on host "
            + Quote.of(key.host())
            + (key.matches().count() > 0 ? " with the same match" : "");
    return new Fate.Lost(
        Problem.warning(
            Reason.CONFLICTED,
            rule.rulePath(),
            (same
                    ? place + " is stated twice: " + winner.rule().rulePath() + " has it"
                    : place + " belongs to " + winner.claimant().ref() + ", which goes first")
                + ", and "
                + difference));
  }

  private static String label(PathType type) {
    return switch (type) {
      case EXACT -> "Exact";
      case PREFIX -> "Prefix";
      case REGEX -> "Regex";
    };
  }
}
