package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.verdict.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a reader lets through and no data plane takes is its own resource's fault. */
class SnapshotRulesTest {
  private static final Claimant CLAIMANT =
      new Claimant(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "chat"), 0, "");
  private static final PoolKey GOOD = new PoolKey("WebSocketRoute", "demo", "chat", "good");
  private static final PoolKey BAD = new PoolKey("WebSocketRoute", "demo", "chat", "bad");

  @Test
  void rightClaimsAreTheSame() {
    Claims claims = claims(List.of(rule("/", GOOD)), pool(GOOD, 64, null));
    assertThat(SnapshotRules.hold(claims)).isSameAs(claims);
  }

  @Test
  void aPoolThatWouldBeRefusedClosesItsRulesAlone() {
    Claims held =
        SnapshotRules.hold(
            claims(
                List.of(rule("/", GOOD), rule("/bad", BAD)),
                pool(GOOD, 64, null),
                pool(BAD, 1_000_000, null)));
    assertThat(held.pools().keySet()).containsExactly(GOOD);
    assertThat(held.rules().getFirst().outcome()).isInstanceOf(Outcome.Serve.class);
    assertThat(held.rules().getLast().outcome()).isInstanceOf(Outcome.Refuse.class);
    assertThat(held.problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.text())
                    .contains("spec.upstreams[0].service: is not taken by data planes: pools[")
                    .contains("must be 0 to 10,000"));
  }

  @Test
  void credentialsBeyondTheBoundDoLikewise() {
    String large =
        "-----BEGIN CERTIFICATE-----\n"
            + ("A".repeat(64) + "\n").repeat(5_000)
            + "-----END CERTIFICATE-----\n";
    SharedCredentials shared = new SharedCredentials(new UpstreamCredentials(large, null));
    Claims held = SnapshotRules.hold(claims(List.of(rule("/", BAD)), pool(BAD, 64, shared)));
    assertThat(held.pools()).isEmpty();
    assertThat(held.rules().getFirst().outcome()).isInstanceOf(Outcome.Refuse.class);
  }

  @Test
  void aPlaceThatCantBeClosesItsHost() {
    Claims held =
        SnapshotRules.hold(
            claims(List.of(rule("no path", GOOD), rule("/", GOOD)), pool(GOOD, 64, null)));
    assertThat(held.rules().getFirst().key())
        .isEqualTo(new RuleKey("chat.example.com", PathType.PREFIX, "/", Matches.NONE));
    assertThat(held.rules().getFirst().strength()).isEqualTo(Strength.FALLBACK);
    assertThat(held.rules().getFirst().outcome()).isInstanceOf(Outcome.Refuse.class);
  }

  private static Claims claims(List<RuleClaim> rules, PoolClaim... pools) {
    Map<PoolKey, PoolClaim> byKey = new HashMap<>();
    for (PoolClaim pool : pools) {
      byKey.put(pool.pool().key(), pool);
    }
    return new Claims(CLAIMANT, rules, List.of(), byKey, List.of(), List.of(), Set.of());
  }

  private static PoolClaim pool(PoolKey key, int idle, @Nullable SharedCredentials shared) {
    return new PoolClaim(
        UpstreamPool.of(
            key,
            new EndpointSetKey("demo", "chat", "3000"),
            UpstreamPool.Balancing.ROUND_ROBIN,
            Duration.ZERO,
            new Keepalive(idle, Duration.ofMinutes(1)),
            shared == null ? null : UpstreamTls.by(shared, null)),
        "spec.upstreams[0].service",
        null,
        shared);
  }

  private static RuleClaim rule(String path, PoolKey pool) {
    return new RuleClaim(
        new RuleKey("chat.example.com", PathType.PREFIX, path, Matches.NONE),
        new RuleSource("WebSocketRoute", "demo", "chat", 0, "spec.locations[0]", 0),
        Strength.STATED,
        "spec.hosts[0]",
        "spec.locations[0].path",
        new Outcome.Serve(
            new Forward(List.of(new WeightedPool(pool, 1)), Rewrite.NONE, ""), Policy.DEFAULT),
        null,
        false,
        null);
  }
}
