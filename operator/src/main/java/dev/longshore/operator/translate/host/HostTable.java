package dev.longshore.operator.translate.host;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Canary;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.host.Ruling.TlsBy;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Settles whose claims win: which rule gets a place, whose host it is ({@link HostOwnership}),
 * which certificates serve it ({@link CertificateAwards}). Remembers all claims, so that one
 * resource's change costs what it touches. The catch-all host is for the namespaces that the
 * configuration lists, and takes nothing from anybody.
 */
public final class HostTable {
  private final Map<String, Host> hosts = new HashMap<>();
  private final Map<String, Set<String>> covered = new HashMap<>();
  private final HostOwnership ownership = new HostOwnership(hosts::get);
  private final CertificateAwards certificates = new CertificateAwards();
  private Set<String> dirtyHosts = new HashSet<>();
  private Settlement settlement = new Settlement();
  private Admission admission = Admission.byDefault(false);
  private boolean handshakesEverywhere;

  /** Sets whose claims are let in. */
  public void admission(Admission newer) {
    if (!newer.equals(admission)) {
      admission = newer;
      dirtyHosts.addAll(hosts.keySet());
    }
  }

  /** Takes whom hosts were recorded to belong to. */
  public void tenures(PersistentMap<String, HostTenure> newer) {
    ownership.tenures(
        newer,
        name -> {
          dirtyHosts.add(name);
          dirtyHosts.addAll(covered.getOrDefault(name, Set.of()));
        });
  }

  /**
   * Sets whether TLS handshakes succeed for every host: there is a default certificate, or TLS ends
   * in front.
   */
  public void handshakesEverywhere(boolean newer) {
    if (newer != handshakesEverywhere) {
      handshakesEverywhere = newer;
      dirtyHosts.addAll(hosts.keySet());
    }
  }

  /** Replaces a resource's claims; null for none. */
  public void replace(@Nullable Claims older, @Nullable Claims newer) {
    if (older != null) {
      older.rules().forEach(rule -> remove(older, rule));
      older.tls().forEach(tls -> host(tls.host()).remove(older.claimant(), tls));
    }
    if (newer != null) {
      newer.rules().forEach(rule -> add(newer, rule));
      newer.tls().forEach(tls -> host(tls.host()).add(newer.claimant(), tls));
    }
  }

  /** What has changed since the last call. */
  public Settlement settle() {
    // Parents first: a change of theirs may make their children dirty.
    new TreeSet<>(dirtyHosts).stream().filter(Hosts::isWildcard).forEach(this::settle);
    new HashSet<>(dirtyHosts).forEach(this::settle);
    // Not cleared: that costs as much as the most there ever was.
    dirtyHosts = new HashSet<>();
    Settlement settled = settlement;
    settlement = new Settlement();
    return settled;
  }

  /** The claim that has the place, if any, as it goes into the table. */
  public @Nullable Award winner(RuleKey key) {
    Host host = hosts.get(key.host());
    if (host == null || host.beyond(key) != null) {
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

  /** What became of one rule of a resource. */
  public Fate fate(Claimant claimant, RuleClaim claimed) {
    Host host = Objects.requireNonNull(hosts.get(claimed.key().host()));
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
    return switch (outcome(host, winner)) {
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

  /** Why a TLS claim is not met though nothing is wrong with it by itself; null when it is. */
  public @Nullable Problem tlsProblem(Claimant claimant, TlsClaim tls) {
    Host host = Objects.requireNonNull(hosts.get(tls.host()));
    Problem refusal = host.ruling().refusal(claimant, tls.fieldPath());
    return refusal != null ? refusal : certificates.conflict(tls);
  }

  /** The certificate as it goes into the snapshot; null when no host is served with it. */
  public @Nullable Certificate certificate(CertificateKey key) {
    return certificates.certificate(key);
  }

  /** The namespace that a claimed host belongs to; null: none, as of the catch-all host. */
  public @Nullable String owner(String name) {
    Host host = hosts.get(name);
    HostOwner owner = host == null ? null : host.ruling().owner();
    return owner == null ? null : owner.namespace();
  }

  /** By host, the first claim of the namespace that it belongs to: what is to be recorded. */
  public PersistentMap<String, ResourceRef> holders() {
    return ownership.holders();
  }

  private void add(Claims claims, RuleClaim rule) {
    Host host = host(rule.key().host());
    touch(host, host.add(new Contender(claims.claimant(), rule, claims.pools())));
  }

  private void remove(Claims claims, RuleClaim rule) {
    Host host = host(rule.key().host());
    RuleKey key = host.remove(new Contender(claims.claimant(), rule, claims.pools()));
    touch(host, key);
    touchAdded(rule, key);
  }

  /** What a canary adds to a rule. */
  private void touchAdded(RuleClaim rule, RuleKey main) {
    if (rule.canary() != null) {
      rule.canary().places(main).forEach(settlement.rules::add);
    }
  }

  private Host host(String name) {
    dirtyHosts.add(name);
    return hosts.computeIfAbsent(
        name,
        added -> {
          String wildcard = Hosts.coveringWildcard(added);
          if (wildcard != null) {
            covered.computeIfAbsent(wildcard, w -> new HashSet<>()).add(added);
          }
          return new Host();
        });
  }

  private void touch(Host host, RuleKey key) {
    host.touched(key);
    settlement.rules.add(key);
    host.contenders(key).forEach(contender -> settlement.resources.add(contender.claimant().ref()));
    host.canaries(key)
        .forEach(
            contender -> {
              settlement.resources.add(contender.claimant().ref());
              touchAdded(contender.rule(), key);
            });
  }

  private void settle(String name) {
    Host host = hosts.get(name);
    if (host == null) {
      return;
    }
    HostOwner owner = ownership.of(name, admission);
    if (host.rule(ruling(name, host, owner))) {
      host.places().forEach(key -> touch(host, key));
    }
    host.settlePatterns(key -> touch(host, key));
    host.settleBounds(key -> touch(host, key));
    ownership.settled(name, owner);
    certificates.settle(name, host, settlement.certificates::add);
    if (host.handshakes(handshakes(name))) {
      host.places().forEach(key -> touch(host, key));
    }
    host.tls().keySet().forEach(claimant -> settlement.resources.add(claimant.ref()));
    if (host.castShadow() && Hosts.isWildcard(name)) {
      dirtyHosts.addAll(covered.getOrDefault(name, Set.of()));
    }
    if (!host.isClaimed()) {
      forget(name);
    }
  }

  /** Whether a client that is sent to https gets there. */
  private boolean handshakes(String name) {
    String wildcard = Hosts.coveringWildcard(name);
    return handshakesEverywhere
        || certificates.serve(name)
        || (wildcard != null && certificates.serve(wildcard));
  }

  private void forget(String name) {
    hosts.remove(name);
    String wildcard = Hosts.coveringWildcard(name);
    if (wildcard != null) {
      Set<String> siblings = Objects.requireNonNull(covered.get(wildcard));
      siblings.remove(name);
      if (siblings.isEmpty()) {
        covered.remove(wildcard);
      }
    }
  }

  /** Those who may have rules, and who of them wants TLS for the host, or the wildcard above it. */
  private Ruling ruling(String name, Host host, @Nullable HostOwner owner) {
    Ruling ruling = new Ruling(name, owner, admission, null);
    TlsBy tls = host.tls(ruling);
    String wildcard = Hosts.coveringWildcard(name);
    Host parent = tls != null || wildcard == null ? null : hosts.get(wildcard);
    return new Ruling(name, owner, admission, parent == null ? tls : parent.tls(ruling));
  }

  /**
   * What the policy says of requests in the clear is for hosts that somebody wants TLS for, and not
   * for what ACME servers ask before there is a certificate. Nobody is sent to a handshake that
   * can't succeed.
   */
  private static Outcome outcome(Host host, Contender winner) {
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

  /** What else is to be said of a rule that is served; null: nothing. */
  public @Nullable Problem remark(Claimant claimant, RuleClaim rule) {
    Host host = Objects.requireNonNull(hosts.get(rule.key().host()));
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

  /** What has changed. */
  public static final class Settlement {
    private final Set<RuleKey> rules = new HashSet<>();
    private final Set<CertificateKey> certificates = new HashSet<>();
    private final Set<ResourceRef> resources = new HashSet<>();

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

  /** A rule that has its place. */
  public record Award(RuleClaim rule, Outcome outcome) {}

  /** What became of a rule. */
  public sealed interface Fate {
    /** It is in the table and goes somewhere. */
    record Served() implements Fate {}

    /** It is in the table and answers 503. */
    record Refused(Problem problem) implements Fate {}

    /** Somebody else has its place. */
    record Lost(Problem problem) implements Fate {}

    /** It was for what is left, and nothing is. */
    record Superseded() implements Fate {}
  }
}
