package dev.longshore.operator.translate.host;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.host.Ruling.TlsBy;
import dev.longshore.operator.translate.verdict.Problem;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Settles whose claims win: which rule gets a place ({@link RuleAwards}), whose host it is ({@link
 * HostOwnership}), which certificates serve it ({@link CertificateAwards}). Remembers all claims,
 * so that one resource's change costs what it touches. The catch-all host is for the namespaces
 * that the configuration lists, and takes nothing from anybody.
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
    return host == null ? null : RuleAwards.winner(host, key);
  }

  /** What became of one rule of a resource. */
  public Fate fate(Claimant claimant, RuleClaim claimed) {
    return RuleFates.of(Objects.requireNonNull(hosts.get(claimed.key().host())), claimant, claimed);
  }

  /** What else is to be said of a rule that is served; null: nothing. */
  public @Nullable Problem remark(Claimant claimant, RuleClaim rule) {
    return RuleFates.remark(Objects.requireNonNull(hosts.get(rule.key().host())), claimant, rule);
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
      rule.canary().places(main).forEach(settlement.rules()::add);
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
    settlement.rules().add(key);
    host.contenders(key)
        .forEach(contender -> settlement.resources().add(contender.claimant().ref()));
    host.canaries(key)
        .forEach(
            contender -> {
              settlement.resources().add(contender.claimant().ref());
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
    certificates.settle(name, host, settlement.certificates()::add);
    if (host.handshakes(handshakes(name))) {
      host.places().forEach(key -> touch(host, key));
    }
    host.tls().keySet().forEach(claimant -> settlement.resources().add(claimant.ref()));
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
}
