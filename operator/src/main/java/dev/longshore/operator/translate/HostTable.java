package dev.longshore.operator.translate;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.PathType;
import dev.longshore.contract.Policy.InsecureMode;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.RuleClaim.Strength;
import dev.longshore.operator.translate.TlsSecrets.KeyPair;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Settles whose claims win: who owns a host, which rule gets a place, which certificates serve a
 * host. Remembers all claims, so that one resource's change costs what it touches.
 *
 * <p><b>Ownership.</b> Unless hosts are shared, a host belongs to the namespace of its oldest
 * claimant. A wildcard claims every host it covers: else another namespace could take a single name
 * out of it by claiming that exactly, for exact hosts are matched first. The other way round
 * nothing is taken, so a younger wildcard over an older exact host is fine. The catch-all host is
 * for the namespaces that the configuration lists, and takes nothing from anybody.
 */
final class HostTable {
  // By the index in spec.tls.
  private static final Comparator<String> TLS_ORDER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private final Map<String, Host> hosts = new HashMap<>();
  private final Map<String, Set<String>> covered = new HashMap<>();
  private final Map<CertificateKey, TreeMap<String, KeyPair>> awarded = new HashMap<>();
  private Set<String> dirtyHosts = new HashSet<>();
  private Settlement settlement = new Settlement();
  private Admission admission = new Admission(false, Set.of(), false);

  /** Sets whose claims are let in. */
  void admission(Admission newer) {
    if (!newer.equals(admission)) {
      admission = newer;
      dirtyHosts.addAll(hosts.keySet());
    }
  }

  /** Replaces a resource's claims; null for none. */
  void replace(@Nullable Claims older, @Nullable Claims newer) {
    if (older != null) {
      older.rules().forEach(rule -> remove(older.claimant(), rule));
      older.tls().forEach(tls -> remove(older.claimant(), tls));
    }
    if (newer != null) {
      newer.rules().forEach(rule -> add(newer.claimant(), rule));
      newer.tls().forEach(tls -> add(newer.claimant(), tls));
    }
  }

  /** What has changed since the last call. */
  Settlement settle() {
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
  @Nullable Award winner(RuleKey key) {
    Host host = hosts.get(key.host());
    Contender winner = host == null ? null : host.winner(key);
    return host == null || winner == null || host.beyond.containsKey(key)
        ? null
        : new Award(winner.rule, outcome(host, winner));
  }

  /** What became of one rule of a resource. */
  Fate fate(Claimant claimant, RuleClaim rule) {
    Host host = Objects.requireNonNull(hosts.get(rule.key().host()));
    Problem refusal = host.ruling.refusal(claimant, rule.hostPath());
    if (refusal != null) {
      return new Fate.Lost(refusal);
    }
    Contender winner = Objects.requireNonNull(host.winner(rule.key()));
    if (!winner.rule.source().equals(rule.source())) {
      return rule.strength() == Strength.FALLBACK ? new Fate.Superseded() : lost(rule, winner);
    }
    Problem beyond = host.beyond.get(rule.key());
    if (beyond != null) {
      return new Fate.Lost(beyond);
    }
    return switch (outcome(host, winner)) {
      case Outcome.Serve serve -> new Fate.Served();
      case Outcome.Refuse refuse -> new Fate.Refused(refuse.problem());
    };
  }

  /** Why a TLS claim is not met though nothing is wrong with it by itself; null when it is. */
  @Nullable Problem tlsProblem(Claimant claimant, TlsClaim tls) {
    Host host = Objects.requireNonNull(hosts.get(tls.host()));
    Problem refusal = host.ruling.refusal(claimant, tls.fieldPath());
    TlsClaim.Usable usable = tls.certificate();
    ServedWith award = usable == null ? null : host.certificates.get(usable.pair().kind());
    if (refusal != null || usable == null || award == null) {
      return refusal;
    }
    return award.certificate.key().equals(usable.key())
        ? null
        : Problem.warning(
            Reason.CONFLICTED,
            tls.fieldPath() + ".secretName",
            "host "
                + Quote.of(tls.host())
                + " is served with Secret "
                + award.certificate.key().namespace()
                + "/"
                + award.certificate.key().secret()
                + " by "
                + award.by.ref()
                + ", which goes first");
  }

  /** The certificate as it goes into the snapshot; null when no host is served with it. */
  @Nullable Certificate certificate(CertificateKey key) {
    TreeMap<String, KeyPair> pairs = awarded.get(key);
    if (pairs == null) {
      return null;
    }
    KeyPair pair = pairs.firstEntry().getValue();
    return new Certificate(key, List.copyOf(pairs.keySet()), pair.chain(), pair.privateKey());
  }

  private void add(Claimant claimant, RuleClaim rule) {
    Host host = host(rule.key().host());
    host.stake(claimant, 1);
    host.rules
        .computeIfAbsent(rule.key(), key -> new TreeSet<>())
        .add(new Contender(claimant, rule));
    touch(host, rule.key());
  }

  private void remove(Claimant claimant, RuleClaim rule) {
    Host host = host(rule.key().host());
    host.stake(claimant, -1);
    TreeSet<Contender> contenders = Objects.requireNonNull(host.rules.get(rule.key()));
    contenders.remove(new Contender(claimant, rule));
    if (contenders.isEmpty()) {
      host.rules.remove(rule.key());
    }
    touch(host, rule.key());
  }

  private void add(Claimant claimant, TlsClaim tls) {
    Host host = host(tls.host());
    host.stake(claimant, 1);
    // Of two entries of one resource for a host, the first counts.
    host.tls.computeIfAbsent(claimant, c -> new TreeMap<>(TLS_ORDER)).put(tls.fieldPath(), tls);
  }

  private void remove(Claimant claimant, TlsClaim tls) {
    Host host = host(tls.host());
    host.stake(claimant, -1);
    TreeMap<String, TlsClaim> claims = Objects.requireNonNull(host.tls.get(claimant));
    claims.remove(tls.fieldPath());
    if (claims.isEmpty()) {
      host.tls.remove(claimant);
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
    if (HostBounds.concern(key)) {
      host.costly(key);
    }
    settlement.rules.add(key);
    TreeSet<Contender> contenders = host.rules.get(key);
    if (contenders != null) {
      contenders.forEach(contender -> settlement.resources.add(contender.claimant.ref()));
    }
  }

  private void settle(String name) {
    Host host = hosts.get(name);
    if (host == null) {
      return;
    }
    Ruling ruling = ruling(name, host);
    if (!ruling.equals(host.ruling)) {
      host.ruling = ruling;
      host.rules.keySet().forEach(key -> touch(host, key));
    }
    settleBounds(host);
    settleCertificates(name, host);
    Shadow shadow = host.shadow();
    if (Hosts.isWildcard(name) && !shadow.equals(host.shadow)) {
      host.shadow = shadow;
      dirtyHosts.addAll(covered.getOrDefault(name, Set.of()));
    }
    if (host.stakes.isEmpty()) {
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
  }

  /** Who does not fit, by the order in which the rules got their places. */
  private void settleBounds(Host host) {
    if (!host.costlyChanged) {
      return;
    }
    host.costlyChanged = false;
    HostBounds bounds = new HostBounds();
    host.costly.stream()
        .map(host::winner)
        .filter(Objects::nonNull)
        .sorted()
        .forEach(contender -> bounds.count(contender.rule));
    Map<RuleKey, Problem> before = host.beyond;
    host.beyond = Map.copyOf(bounds.beyond());
    for (Set<RuleKey> keys : List.of(before.keySet(), host.beyond.keySet())) {
      for (RuleKey key : keys) {
        if (!Objects.equals(before.get(key), host.beyond.get(key))) {
          touch(host, key);
        }
      }
    }
    host.costlyChanged = false;
  }

  private Ruling ruling(String name, Host host) {
    String wildcard = Hosts.coveringWildcard(name);
    Host parent = wildcard == null ? null : hosts.get(wildcard);
    Ruling ruling = new Ruling(name, owner(name, host, parent), admission, null);
    return new Ruling(name, ruling.owner, admission, tls(ruling, host, parent));
  }

  private @Nullable Claimant owner(String name, Host host, @Nullable Host parent) {
    if (admission.shared() || name.equals(RuleKey.ANY_HOST) || host.stakes.isEmpty()) {
      return null;
    }
    Claimant oldest = host.stakes.firstKey();
    Claimant above = parent == null || parent.stakes.isEmpty() ? null : parent.stakes.firstKey();
    return above != null && above.compareTo(oldest) < 0 ? above : oldest;
  }

  /** Who wants TLS for the host, or for the wildcard that covers it. */
  private static @Nullable TlsBy tls(Ruling ruling, Host host, @Nullable Host parent) {
    for (Host where : parent == null ? new Host[] {host} : new Host[] {host, parent}) {
      for (Map.Entry<Claimant, TreeMap<String, TlsClaim>> entry : where.tls.entrySet()) {
        if (ruling.permits(entry.getKey())) {
          return new TlsBy(entry.getKey(), entry.getValue().firstKey());
        }
      }
    }
    return null;
  }

  /** Of each kind of key the first: clients differ in what they verify. */
  private void settleCertificates(String name, Host host) {
    Map<String, ServedWith> awards = new TreeMap<>();
    for (Map.Entry<Claimant, TreeMap<String, TlsClaim>> entry : host.tls.entrySet()) {
      for (TlsClaim claim : entry.getValue().values()) {
        TlsClaim.Usable certificate = claim.certificate();
        if (certificate != null && host.ruling.permits(entry.getKey())) {
          awards.putIfAbsent(
              certificate.pair().kind(), new ServedWith(entry.getKey(), certificate));
        }
      }
    }
    host.tls.keySet().forEach(claimant -> settlement.resources.add(claimant.ref()));
    if (awards.equals(host.certificates)) {
      return;
    }
    for (ServedWith award : host.certificates.values()) {
      CertificateKey key = award.certificate.key();
      TreeMap<String, KeyPair> pairs = Objects.requireNonNull(awarded.get(key));
      pairs.remove(name);
      if (pairs.isEmpty()) {
        awarded.remove(key);
      }
      settlement.certificates.add(key);
    }
    for (ServedWith award : awards.values()) {
      TlsClaim.Usable certificate = award.certificate;
      awarded
          .computeIfAbsent(certificate.key(), key -> new TreeMap<>())
          .put(name, certificate.pair());
      settlement.certificates.add(certificate.key());
    }
    host.certificates = awards;
  }

  /** What the policy says of requests in the clear is for hosts that somebody wants TLS for. */
  private static Outcome outcome(Host host, Contender winner) {
    return switch (winner.rule.outcome()) {
      case Outcome.Serve serve when host.ruling.tls == null ->
          new Outcome.Serve(
              serve.backends(), serve.rewrite(), serve.policy().withInsecure(InsecureMode.ALLOW));
      case Outcome.Serve serve -> serve;
      case Outcome.Refuse refuse -> refuse;
    };
  }

  private static Fate lost(RuleClaim rule, Contender winner) {
    RuleKey key = rule.key();
    boolean same = winner.rule.source().resource().equals(rule.source().resource());
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
            same
                ? place + " is stated twice: " + winner.rule.rulePath() + " has it"
                : place + " belongs to " + winner.claimant.ref() + ", which goes first"));
  }

  private static String label(PathType type) {
    return switch (type) {
      case EXACT -> "Exact";
      case PREFIX -> "Prefix";
      case REGEX -> "Regex";
    };
  }

  /** What has changed. */
  static final class Settlement {
    private final Set<RuleKey> rules = new HashSet<>();
    private final Set<CertificateKey> certificates = new HashSet<>();
    private final Set<ResourceRef> resources = new HashSet<>();

    /** Places whose winner may be another. */
    Set<RuleKey> rules() {
      return rules;
    }

    /** Certificates that may be others, or for other hosts. */
    Set<CertificateKey> certificates() {
      return certificates;
    }

    /** Resources whose claims may fare differently. */
    Set<ResourceRef> resources() {
      return resources;
    }
  }

  /** A rule that has its place. */
  record Award(RuleClaim rule, Outcome outcome) {}

  /** What became of a rule. */
  sealed interface Fate {
    /** It is in the table and goes somewhere. */
    record Served() implements Fate {}

    /** It is in the table and answers 503. */
    record Refused(Problem problem) implements Fate {}

    /** Somebody else has its place. */
    record Lost(Problem problem) implements Fate {}

    /** It was for what is left, and nothing is. */
    record Superseded() implements Fate {}
  }

  private record ServedWith(Claimant by, TlsClaim.Usable certificate) {}

  private record TlsBy(Claimant claimant, String fieldPath) {}

  /** One of those who want a place; the first in order gets it. */
  private record Contender(Claimant claimant, RuleClaim rule) implements Comparable<Contender> {
    private static final Comparator<Contender> ORDER =
        Comparator.comparing((Contender contender) -> contender.rule.strength())
            .thenComparing(Contender::claimant)
            .thenComparing(contender -> contender.rule.source().index())
            .thenComparing(contender -> contender.rule.hostPath());

    @Override
    public int compareTo(Contender other) {
      return ORDER.compare(this, other);
    }
  }

  /** Who may have rules on a host. */
  private record Ruling(
      String host, @Nullable Claimant owner, Admission admission, @Nullable TlsBy tls) {
    boolean permits(Claimant claimant) {
      return host.equals(RuleKey.ANY_HOST)
          ? admission.mayCatchAll(claimant.namespace())
          : owner == null || owner.namespace().equals(claimant.namespace());
    }

    @Nullable Problem refusal(Claimant claimant, String fieldPath) {
      if (permits(claimant)) {
        return null;
      }
      if (owner == null) {
        return Problem.warning(
            Reason.NOT_ALLOWED,
            fieldPath,
            "namespace "
                + claimant.namespace()
                + " may not claim every host: name hosts, or have spec.catchAllNamespaces of the"
                + " LongshoreConfig list it");
      }
      return Problem.warning(
          Reason.NOT_ALLOWED,
          fieldPath,
          "host "
              + Quote.of(host)
              + " belongs to namespace "
              + owner.namespace()
              + ", by "
              + owner.ref()
              + ": use another host, or have the LongshoreConfig say hostOwnership: Shared");
    }
  }

  /** What of a wildcard matters to the hosts that it covers. */
  private record Shadow(@Nullable Claimant first, List<TlsBy> tls) {}

  /** Everything that is claimed of one host. */
  private static final class Host {
    private final TreeMap<Claimant, Integer> stakes = new TreeMap<>();
    private final Map<RuleKey, TreeSet<Contender>> rules = new HashMap<>();
    private final TreeMap<Claimant, TreeMap<String, TlsClaim>> tls = new TreeMap<>();
    private Ruling ruling = new Ruling("", null, new Admission(true, Set.of(), true), null);
    private Map<String, ServedWith> certificates = Map.of();
    private Shadow shadow = new Shadow(null, List.of());

    /** Places whose rules are counted together. */
    private final Set<RuleKey> costly = new HashSet<>();

    private boolean costlyChanged;
    private Map<RuleKey, Problem> beyond = Map.of();

    void stake(Claimant claimant, int change) {
      stakes.merge(claimant, change, Integer::sum);
      stakes.remove(claimant, 0);
    }

    void costly(RuleKey key) {
      costlyChanged = true;
      if (rules.containsKey(key)) {
        costly.add(key);
      } else {
        costly.remove(key);
      }
    }

    Shadow shadow() {
      return new Shadow(
          stakes.isEmpty() ? null : stakes.firstKey(),
          tls.entrySet().stream()
              .map(entry -> new TlsBy(entry.getKey(), entry.getValue().firstKey()))
              .toList());
    }

    @Nullable Contender winner(RuleKey key) {
      for (Contender contender : rules.getOrDefault(key, new TreeSet<>())) {
        if (ruling.permits(contender.claimant)) {
          return contender;
        }
      }
      return null;
    }
  }
}
