package dev.longshore.operator.translate.host;

import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.claim.Canary;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.host.Ruling.TlsBy;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Everything that is claimed of one host, and what was settled of it last. */
final class Host {
  // By the index in spec.tls.
  private static final Comparator<String> TLS_ORDER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private final Stakes stakes = new Stakes();
  private final Map<RuleKey, TreeSet<Contender>> rules = new HashMap<>();

  /** Those that stand elsewhere where all paths are regular expressions, as they are claimed. */
  private final Set<Contender> literal = new HashSet<>();

  /** How many rules of each make it so. */
  private final TreeMap<Claimant, Integer> enforcing = new TreeMap<>();

  private @Nullable Claimant enforced;

  /** Those that claim nothing, as they are claimed. */
  private final Set<Contender> canaries = new HashSet<>();

  private final Map<RuleKey, TreeSet<Contender>> besides = new HashMap<>();

  private final TreeMap<Claimant, TreeMap<String, TlsClaim>> tls = new TreeMap<>();
  private Ruling ruling =
      new Ruling(
          "",
          null,
          new Admission(true, Set.of(), true, HostReservations.NONE, Duration.ZERO),
          null);
  private Shadow shadow = new Shadow(null, List.of(), false);

  /** Places whose rules are counted together. */
  private final Set<RuleKey> costly = new HashSet<>();

  private boolean costlyChanged;
  private Map<RuleKey, Problem> beyond = Map.of();

  private boolean handshakes;

  /** What of a wildcard matters to the hosts that it covers. */
  private record Shadow(@Nullable HostOwner owner, List<TlsBy> tls, boolean handshakes) {}

  Ruling ruling() {
    return ruling;
  }

  /** Sets who may have rules; returns whether that is news. */
  boolean rule(Ruling newer) {
    boolean news = !newer.equals(ruling);
    ruling = newer;
    return news;
  }

  /** Whether a client that is sent to https gets there. */
  boolean handshakes() {
    return handshakes;
  }

  /** Sets whether a handshake succeeds; returns whether that is news. */
  boolean handshakes(boolean newer) {
    boolean news = newer != handshakes;
    handshakes = newer;
    return news;
  }

  /** Adds one; returns the place that it wants here. */
  RuleKey add(Contender contender) {
    if (contender.rule().canary() != null) {
      canaries.add(contender);
      costlyChanged = true;
    } else {
      stakes.add(contender.claimant());
    }
    if (contender.rule().pattern() != null) {
      literal.add(contender);
    }
    count(contender, 1);
    return put(effective(contender));
  }

  /** Removes one; returns the place that it wanted here. */
  RuleKey remove(Contender contender) {
    if (contender.rule().canary() != null) {
      canaries.remove(contender);
      costlyChanged = true;
    } else {
      stakes.remove(contender.claimant());
    }
    literal.remove(contender);
    count(contender, -1);
    return take(effective(contender));
  }

  private void count(Contender contender, int change) {
    // There, a canary makes no location.
    if (contender.rule().enforces() && contender.rule().canary() == null) {
      enforcing.merge(contender.claimant(), change, Integer::sum);
      enforcing.remove(contender.claimant(), 0);
    }
  }

  /** Who makes regular expressions of all paths; null: nobody who may. */
  @Nullable Claimant enforcing() {
    return enforced;
  }

  /**
   * Decides whether all paths are regular expressions, as one rule of a host makes them with
   * ingress-nginx.
   *
   * @param changed hears of the places that rules leave, and of those that they have then
   */
  void settlePatterns(Consumer<RuleKey> changed) {
    Claimant before = enforced;
    Claimant now = enforcing.keySet().stream().filter(ruling::permits).findFirst().orElse(null);
    if ((before == null) != (now == null)) {
      literal.forEach(contender -> leave(contender, changed));
      enforced = now;
      literal.forEach(contender -> changed.accept(put(effective(contender))));
    } else if (!Objects.equals(before, now)) {
      // Who it is they are told.
      literal.forEach(contender -> changed.accept(effective(contender.rule()).key()));
    }
    enforced = now;
  }

  private void leave(Contender contender, Consumer<RuleKey> changed) {
    RuleKey left = take(effective(contender));
    changed.accept(left);
    Canary canary = contender.rule().canary();
    if (canary != null) {
      canary.places(left).forEach(changed);
    }
  }

  /** A claim as it stands here. */
  RuleClaim effective(RuleClaim rule) {
    return enforced == null ? rule : rule.asPattern();
  }

  private Contender effective(Contender contender) {
    return new Contender(contender.claimant(), effective(contender.rule()), contender.pools());
  }

  private Map<RuleKey, TreeSet<Contender>> places(Contender contender) {
    return contender.rule().canary() == null ? rules : besides;
  }

  private RuleKey put(Contender contender) {
    places(contender)
        .computeIfAbsent(contender.rule().key(), key -> new TreeSet<>())
        .add(contender);
    return contender.rule().key();
  }

  private RuleKey take(Contender contender) {
    RuleClaim rule = contender.rule();
    TreeSet<Contender> contenders = Objects.requireNonNull(places(contender).get(rule.key()));
    contenders.remove(contender);
    if (contenders.isEmpty()) {
      places(contender).remove(rule.key());
    }
    return rule.key();
  }

  void add(Claimant claimant, TlsClaim claim) {
    stakes.add(claimant);
    // Of two entries of one resource for a host, the first counts.
    tls.computeIfAbsent(claimant, c -> new TreeMap<>(TLS_ORDER)).put(claim.fieldPath(), claim);
  }

  void remove(Claimant claimant, TlsClaim claim) {
    stakes.remove(claimant);
    TreeMap<String, TlsClaim> claims = Objects.requireNonNull(tls.get(claimant));
    claims.remove(claim.fieldPath());
    if (claims.isEmpty()) {
      tls.remove(claimant);
    }
  }

  boolean isClaimed() {
    return !stakes.isEmpty() || !canaries.isEmpty();
  }

  /** Who claims it, in the order of those whom it may belong to. */
  Stakes stakes() {
    return stakes;
  }

  Set<RuleKey> places() {
    Set<RuleKey> places = new HashSet<>(rules.keySet());
    places.addAll(besides.keySet());
    return places;
  }

  /** Everybody who wants a place. */
  Set<Contender> contenders(RuleKey key) {
    return rules.getOrDefault(key, new TreeSet<>());
  }

  /** Those who want some of the requests for a place. */
  Set<Contender> canaries(RuleKey key) {
    return besides.getOrDefault(key, new TreeSet<>());
  }

  /** Who gets some of the requests for a rule: the first of its namespace that can be served. */
  @Nullable Contender canary(RuleKey key) {
    Contender main = winner(key);
    if (main == null || !(main.rule().outcome() instanceof Outcome.Serve)) {
      return null;
    }
    for (Contender contender : canaries(key)) {
      if (contender.claimant().namespace().equals(main.claimant().namespace())
          && main.rule().source().kind().equals(contender.rule().source().kind())
          && contender.rule().outcome() instanceof Outcome.Serve) {
        return contender;
      }
    }
    return null;
  }

  /** Who gets a place; null: nobody who may have one wants it. */
  @Nullable Contender winner(RuleKey key) {
    for (Contender contender : contenders(key)) {
      if (ruling.permits(contender.claimant())) {
        return contender;
      }
    }
    return null;
  }

  /** Who has a place may be another, or nobody. */
  void touched(RuleKey key) {
    costlyChanged |= besides.containsKey(key);
    if (HostBounds.concern(key)) {
      costlyChanged = true;
      if (rules.containsKey(key)) {
        costly.add(key);
      } else {
        costly.remove(key);
      }
    }
  }

  /**
   * Decides who does not fit, by the order in which the rules got their places.
   *
   * @param changed hears of the places of which something else was decided before
   */
  void settleBounds(Consumer<RuleKey> changed) {
    if (!costlyChanged) {
      return;
    }
    HostBounds bounds = new HostBounds();
    costly.stream()
        .map(this::winner)
        .filter(Objects::nonNull)
        .sorted()
        .forEach(contender -> bounds.count(contender.rule()));
    besides.keySet().stream()
        .map(this::canary)
        .filter(Objects::nonNull)
        .sorted()
        .forEach(contender -> bounds.countCanary(contender.rule()));
    Map<RuleKey, Problem> before = beyond;
    beyond = Map.copyOf(bounds.beyond());
    for (Set<RuleKey> keys : List.of(before.keySet(), beyond.keySet())) {
      for (RuleKey key : keys) {
        if (!Objects.equals(before.get(key), beyond.get(key))) {
          changed.accept(key);
        }
      }
    }
    costlyChanged = false;
  }

  /** Why the rule of a place does not fit; null when it does. */
  @Nullable Problem beyond(RuleKey key) {
    return beyond.get(key);
  }

  /** Who wants TLS, in the order in which they are asked for certificates. */
  Map<Claimant, TreeMap<String, TlsClaim>> tls() {
    return tls;
  }

  /** The first who wants TLS, and may. */
  @Nullable TlsBy tls(Ruling permitted) {
    for (Map.Entry<Claimant, TreeMap<String, TlsClaim>> entry : tls.entrySet()) {
      if (permitted.permits(entry.getKey())) {
        return new TlsBy(entry.getKey(), entry.getValue().firstKey());
      }
    }
    return null;
  }

  /** Notes what of this wildcard matters below it; returns whether that is news. */
  boolean castShadow() {
    Shadow newer =
        new Shadow(
            ruling.owner(),
            tls.entrySet().stream()
                .map(entry -> new TlsBy(entry.getKey(), entry.getValue().firstKey()))
                .toList(),
            handshakes);
    boolean news = !newer.equals(shadow);
    shadow = newer;
    return news;
  }
}
