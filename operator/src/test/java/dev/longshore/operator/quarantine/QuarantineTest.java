package dev.longshore.operator.quarantine;

import static dev.longshore.operator.push.TestSnapshots.endpoint;
import static dev.longshore.operator.push.TestSnapshots.key;
import static dev.longshore.operator.push.TestSnapshots.rewritten;
import static dev.longshore.operator.push.TestSnapshots.rules;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Listener;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.Secret;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.push.Nack;
import dev.longshore.operator.quarantine.Quarantine.Effect;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuarantineTest {
  private static final RoutingSnapshot ONE = rules(3);
  private static final EntryRef RULE = new EntryRef.Rule(key(1));

  private final Quarantine quarantine = new Quarantine();

  @Test
  void withoutARefusalNothingChanges() {
    assertThat(quarantine.apply(ONE)).isSameAs(ONE);
    assertThat(quarantine.held()).isEmpty();
  }

  @Test
  void aRefusedRuleIsClosedUntilItIsAnother() {
    assertThat(refuse("a", ONE, RULE)).isEqualTo(Effect.ALL);
    RoutingSnapshot closed = quarantine.apply(ONE);
    assertThat(SnapshotValidator.validate(closed)).isEmpty();
    assertClosed(closed, 1);
    assertForwards(closed, 0, 2);
    assertThat(Objects.requireNonNull(quarantine.held().get(key(1))).why())
        .contains("data plane a", "is wrong");
    // Other changes don't free it.
    assertClosed(quarantine.apply(rewritten(ONE, 0, "other.internal")), 1);
    RoutingSnapshot edited = rewritten(ONE, 1, "right.internal");
    assertThat(quarantine.apply(edited)).isEqualTo(edited);
    assertThat(quarantine.held()).isEmpty();
    // It is as it was, and may be right for data planes that are others now.
    assertThat(quarantine.apply(ONE)).isEqualTo(ONE);
  }

  @Test
  void whatAnotherHeardLaterIsTheSame() {
    RoutingSnapshot elsewhere = rewritten(ONE, 2, "seen-elsewhere.internal");
    quarantine.apply(ONE);
    // Of a publication that this replica never had: the rule is the same.
    assertThat(quarantine.refuse("a", Versions.of(elsewhere), nack(elsewhere, RULE).errors()))
        .isEqualTo(Effect.ALL);
    assertClosed(quarantine.apply(ONE), 1);
    // Of a rule that is another here.
    EntryRef other = new EntryRef.Rule(key(2));
    assertThat(quarantine.refuse("a", Versions.of(elsewhere), nack(elsewhere, other).errors()))
        .isEqualTo(Effect.NONE);
    assertForwards(quarantine.apply(ONE), 2);
  }

  @Test
  void itIsFreeWhenNobodyIsLeftWhoRefusedIt() {
    refuse("a", ONE, RULE);
    refuse("b", ONE, RULE);
    assertThat(quarantine.retain(Set.of("b", "c"))).isFalse();
    assertThat(quarantine.retain(Set.of("c"))).isTrue();
    assertThat(quarantine.apply(ONE)).isEqualTo(ONE);
  }

  @Test
  void aRefusedPoolOrPolicyClosesTheRulesThatReferToIt() {
    for (boolean pool : new boolean[] {true, false}) {
      RoutingSnapshot mixed = ONE;
      EntryRef entry =
          pool
              ? new EntryRef.Pool(forward(ONE, 0).backends().getFirst().pool())
              : new EntryRef.PolicyId(forward(ONE, 0).policy());
      Quarantine fresh = new Quarantine();
      fresh.apply(mixed);
      assertThat(fresh.refuse("a", Versions.of(mixed), nack(mixed, entry).errors()))
          .isEqualTo(Effect.ALL);
      RoutingSnapshot closed = fresh.apply(mixed);
      assertThat(SnapshotValidator.validate(closed)).isEmpty();
      assertClosed(closed, 0, 1, 2);
      assertThat(closed.versionOf(entry)).isNull();
      assertThat(fresh.held()).hasSize(3);
    }
  }

  @Test
  void refusedCredentialsCloseTheRulesOfAllPoolsThatHaveThem() {
    SharedCredentials shared =
        new SharedCredentials(new UpstreamCredentials("no certificate", null));
    UpstreamPool pool = ONE.pools().iterator().next().getValue();
    RoutingSnapshot mixed =
        SnapshotBuilder.from(ONE)
            .put(shared)
            .put(pool.withTls(UpstreamTls.by(shared, null)))
            .build();
    EntryRef entry = new EntryRef.Credentials(shared.id());
    quarantine.apply(mixed);
    assertThat(quarantine.refuse("a", Versions.of(mixed), nack(mixed, entry).errors()))
        .isEqualTo(Effect.ALL);
    RoutingSnapshot closed = quarantine.apply(mixed);
    assertThat(SnapshotValidator.validate(closed)).isEmpty();
    assertClosed(closed, 0, 1, 2);
    assertThat(closed.credentials().size()).isZero();
    assertThat(quarantine.apply(ONE)).isEqualTo(ONE);
  }

  @Test
  void aRefusedEndpointSetIsEmpty() {
    EntryRef entry =
        new EntryRef.Endpoints(
            Objects.requireNonNull(ONE.pools().get(forward(ONE, 0).backends().getFirst().pool()))
                .endpoints());
    refuse("a", ONE, entry);
    RoutingSnapshot closed = quarantine.apply(ONE);
    closed.endpointSets().forEach((key, set) -> assertThat(set.endpoints()).isEmpty());
    assertThat(quarantine.apply(endpoint(ONE, 7))).isEqualTo(endpoint(ONE, 7));
  }

  @Test
  void aRefusedCertificateIsNotServedAndNotTheDefault() {
    CertificateKey key = new CertificateKey("demo", "tls");
    Settings sample = Settings.DEFAULT;
    RoutingSnapshot secured =
        SnapshotBuilder.from(ONE)
            .put(new Certificate(key, List.of("a.example.com"), "chain", new Secret("key")))
            .settings(
                new Settings(
                    sample.trustedProxies(),
                    sample.forwardedHeaders(),
                    sample.proxyProtocol(),
                    sample.processDrain(),
                    sample.accessLog(),
                    sample.bounds(),
                    new Settings.Tls(
                        sample.tls().minVersion(), sample.tls().maxVersion(), List.of(), key, null),
                    null,
                    null))
            .build();
    refuse("a", secured, new EntryRef.Tls(key));
    assertThat(quarantine.apply(secured)).isEqualTo(ONE);
  }

  @Test
  void aRefusedListenerIsLeftOut() {
    Listener listener =
        new Listener("internal", null, 8090, Listener.Protocol.HTTP, List.of(), null, null);
    RoutingSnapshot more = SnapshotBuilder.from(ONE).put(listener).build();
    refuse("a", more, new EntryRef.OfListener("internal"));
    assertThat(quarantine.apply(more)).isEqualTo(ONE);
    Listener edited =
        new Listener("internal", null, 8091, Listener.Protocol.HTTP, List.of(), null, null);
    RoutingSnapshot next = SnapshotBuilder.from(ONE).put(edited).build();
    assertThat(quarantine.apply(next)).isEqualTo(next);
  }

  @Test
  void refusedSettingsAreThoseThatWereTakenBefore() {
    RoutingSnapshot wrong =
        SnapshotBuilder.from(rewritten(ONE, 1, "new.internal"))
            .settings(
                new Settings(
                    List.of(),
                    Settings.ForwardedHeaders.REPLACE,
                    Settings.ProxyProtocol.REQUIRED,
                    Settings.DEFAULT.processDrain(),
                    Settings.DEFAULT.accessLog(),
                    Settings.DEFAULT.bounds(),
                    Settings.Tls.DEFAULT,
                    List.of(),
                    null))
            .build();
    quarantine.apply(ONE);
    quarantine.taken(Versions.of(ONE));
    refuse("a", wrong, new EntryRef.AllSettings());
    assertThat(quarantine.apply(wrong)).isEqualTo(rewritten(ONE, 1, "new.internal"));
  }

  @Test
  void whenNobodyIsToBlameTheLastOneThatWasTakenStays() {
    quarantine.apply(ONE);
    quarantine.taken(Versions.of(ONE));
    RoutingSnapshot wrong = rewritten(ONE, 1, "wrong.internal");
    quarantine.apply(wrong);
    assertThat(quarantine.refuse("a", Versions.of(wrong), List.of())).isEqualTo(Effect.ALL);
    assertThat(quarantine.apply(wrong)).isEqualTo(ONE);
    RoutingSnapshot next = rewritten(ONE, 1, "right.internal");
    assertThat(quarantine.apply(next)).isEqualTo(next);
  }

  @Test
  void aRuleThatCannotEvenBeClosedClosesItsHost() {
    RuleKey pattern = new RuleKey("host-1.example.com", PathType.REGEX, "/a(b)*", Matches.NONE);
    RoutingSnapshot two =
        SnapshotBuilder.from(ONE)
            .put(
                new LocationRule(
                    pattern,
                    Objects.requireNonNull(ONE.rules().get(key(1))).source(),
                    forward(ONE, 1)))
            .build();
    EntryRef entry = new EntryRef.Rule(pattern);
    refuse("a", two, entry);
    RoutingSnapshot closed = quarantine.apply(two);
    assertThat(closed.rules().get(pattern)).isNotNull();
    // The pattern is what is wrong, and it is still there.
    assertThat(quarantine.refuse("a", Versions.of(closed), nack(closed, entry).errors()))
        .isEqualTo(Effect.ALL);
    RoutingSnapshot without = quarantine.apply(two);
    assertThat(without.rules().get(pattern)).isNull();
    assertClosed(without, 1);
    assertForwards(without, 0, 2);
    assertThat(quarantine.held().keySet()).containsExactlyInAnyOrder(pattern, key(1));
    // And if even that is refused, there is an end.
    assertThat(
            quarantine.refuse(
                "a", Versions.of(without), nack(without, new EntryRef.Rule(key(1))).errors()))
        .isEqualTo(Effect.ALL);
    assertThat(
            quarantine.refuse(
                "a", Versions.of(without), nack(without, new EntryRef.Rule(key(1))).errors()))
        .isEqualTo(Effect.NONE);
  }

  private Effect refuse(String node, RoutingSnapshot snapshot, EntryRef entry) {
    quarantine.apply(snapshot);
    return quarantine.refuse(node, Versions.of(snapshot), nack(snapshot, entry).errors());
  }

  private static Nack nack(RoutingSnapshot snapshot, EntryRef entry) {
    return Nack.of(snapshot, List.of(new SnapshotError(entry, entry.path(), "is wrong")));
  }

  private static Forward forward(RoutingSnapshot snapshot, int i) {
    return (Forward) Objects.requireNonNull(snapshot.rules().get(key(i))).action();
  }

  private static void assertClosed(RoutingSnapshot snapshot, int... closed) {
    for (int i : closed) {
      assertThat(Objects.requireNonNull(snapshot.rules().get(key(i))).action())
          .isInstanceOfSatisfying(
              Unavailable.class, one -> assertThat(one.reason()).isEqualTo("Rejected"));
    }
  }

  private static void assertForwards(RoutingSnapshot snapshot, int... open) {
    for (int i : open) {
      assertThat(Objects.requireNonNull(snapshot.rules().get(key(i))).action())
          .isInstanceOf(Forward.class);
    }
  }

  @Test
  void whatOneOfSeveralRefusesIsKeptFromThatOneAlone() {
    quarantine.present(Set.of("a", "b", "c"));
    assertThat(refuse("a", ONE, RULE)).isEqualTo(Effect.ONE);
    assertThat(quarantine.apply(ONE)).isSameAs(ONE);
    assertClosed(Objects.requireNonNull(quarantine.own("a")), 1);
    assertForwards(Objects.requireNonNull(quarantine.own("a")), 0, 2);
    assertThat(quarantine.own("b")).isNull();
    assertThat(quarantine.alone()).isEqualTo(1);
    assertThat(quarantine.held()).containsOnlyKeys(key(1));
    // Again, be it heard on another channel: nothing new.
    assertThat(quarantine.refuse("a", Versions.of(ONE), nack(ONE, RULE).errors()))
        .isEqualTo(Effect.NONE);
    // It is not another's word.
    assertThat(quarantine.refuse("b", Versions.of(ONE), nack(ONE, RULE).errors()))
        .isEqualTo(Effect.ALL);
    assertClosed(quarantine.apply(ONE), 1);
    assertThat(quarantine.own("a")).isNull();
    assertThat(quarantine.alone()).isZero();
  }

  @Test
  void theOnlyOneIsBelievedUntilThereIsAnother() {
    quarantine.present(Set.of("a"));
    assertThat(refuse("a", ONE, RULE)).isEqualTo(Effect.ALL);
    assertClosed(quarantine.apply(ONE), 1);
    assertThat(quarantine.present(Set.of("a", "b"))).isTrue();
    assertThat(quarantine.apply(ONE)).isSameAs(ONE);
    assertClosed(Objects.requireNonNull(quarantine.own("a")), 1);
    assertThat(quarantine.present(Set.of("a", "b", "c"))).isFalse();
    assertThat(quarantine.present(Set.of("b", "c"))).isFalse();
    assertThat(quarantine.held()).as("of those who are there").isEmpty();
  }

  @Test
  void oneThatRefusesWithoutSayingWhyHoldsNobodyElse() {
    quarantine.apply(ONE);
    quarantine.taken(Versions.of(ONE));
    quarantine.present(Set.of("a", "b"));
    RoutingSnapshot two = rewritten(ONE, 0, "two.internal");
    quarantine.apply(two);
    assertThat(quarantine.refuse("a", Versions.of(two), List.of())).isEqualTo(Effect.NONE);
    assertThat(quarantine.apply(two)).isSameAs(two);
    assertThat(quarantine.refuse("b", Versions.of(two), List.of())).isEqualTo(Effect.ALL);
    assertThat(quarantine.apply(two)).isSameAs(ONE);
  }

  /** A place that one can't even have closed is closed for the others, where they refuse it too. */
  @Test
  void oneCannotCloseAHostOfOthers() {
    quarantine.present(Set.of("a", "b", "c"));
    refuse("a", ONE, RULE);
    refuse("b", ONE, RULE);
    RoutingSnapshot closed = quarantine.apply(ONE);
    assertThat(quarantine.refuse("a", Versions.of(closed), nack(closed, RULE).errors()))
        .isEqualTo(Effect.ONE);
    assertThat(quarantine.apply(ONE)).isEqualTo(closed);
  }

  @Test
  void whatOneRefusesIsBounded() {
    RoutingSnapshot many = rules(HardLimits.REFUSALS_PER_DATA_PLANE + 10);
    quarantine.present(Set.of("a", "b"));
    quarantine.apply(many);
    for (int i = 0; i < HardLimits.REFUSALS_PER_DATA_PLANE; i++) {
      assertThat(quarantine.refuse("a", null, nack(many, new EntryRef.Rule(key(i))).errors()))
          .isEqualTo(Effect.ONE);
    }
    int more = HardLimits.REFUSALS_PER_DATA_PLANE;
    assertThat(quarantine.refuse("a", null, nack(many, new EntryRef.Rule(key(more))).errors()))
        .isEqualTo(Effect.NONE);
    assertThat(quarantine.alone()).isEqualTo(HardLimits.REFUSALS_PER_DATA_PLANE);
    assertThat(quarantine.apply(many)).as("for the others").isSameAs(many);
    assertThat(quarantine.refuse("b", null, nack(many, new EntryRef.Rule(key(more))).errors()))
        .as("another still has its word")
        .isEqualTo(Effect.ONE);
  }
}
