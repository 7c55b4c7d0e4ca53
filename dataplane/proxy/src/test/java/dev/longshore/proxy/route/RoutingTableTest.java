package dev.longshore.proxy.route;

import static dev.longshore.contract.PathType.EXACT;
import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.contract.PathType.REGEX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.ValueMatch;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTableTest {
  private final Snapshots rules = snapshot();

  private RuleKey rule(String host, PathType type, String path, String name) {
    return rule(key(host, type, path), name, 0);
  }

  private RuleKey rule(RuleKey key, String name, long createdAt) {
    rules.rule(key, source(name, 0, createdAt));
    return key;
  }

  private @Nullable String match(String host, String path, RequestView request) {
    RoutingTable table = RoutingTable.compile(rules.build(), Pools.empty());
    CompiledRule rule = table.match(host, path, request);
    return rule == null ? null : rule.source().name();
  }

  private @Nullable String match(String host, String path) {
    return match(host, path, TestRequest.PLAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "chat.example.com, exact",
    "a.example.com, wildcard",
    "b.example.com, wildcard",
    "a.b.example.com, any",
    "example.com, any",
    "other, any",
    "[::1], any",
    "10.0.0.1, any"
  })
  void theMostSpecificHostDecides(String host, String expected) {
    rule("chat.example.com", PREFIX, "/", "exact");
    rule("*.example.com", PREFIX, "/", "wildcard");
    rule("*", PREFIX, "/", "any");
    assertThat(match(host, "/x")).isEqualTo(expected);
  }

  @Test
  void noHostFallsThroughToAnother() {
    rule("chat.example.com", PREFIX, "/chat", "exact");
    rule("*.example.com", PREFIX, "/other", "wildcard");
    rule("*", PREFIX, "/", "any");
    assertThat(match("chat.example.com", "/other")).isNull();
    assertThat(match("a.example.com", "/chat")).isNull();
    assertThat(match("example.org", "/chat")).isEqualTo("any");
  }

  @Test
  void aHostWhoseRulesAreGoneIsNoHostAnyMore() {
    RuleKey only = rule("chat.example.com", PREFIX, "/chat", "exact");
    rule("*", PREFIX, "/", "any");
    RoutingSnapshot before = rules.build();
    RoutingSnapshot after = rules.without(only).build();
    RoutingTable table =
        RoutingTable.compile(before, Pools.empty()).next(before, after, Pools.empty());
    assertThat(table.knowsHost("chat.example.com")).isTrue();
    CompiledRule rule = table.match("chat.example.com", "/chat", TestRequest.PLAIN);
    assertThat(rule).hasToString("WebSocketRoute demo/any l0");
    assertThat(table.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/a, /a, true",
    "/a, /a/, true",
    "/a, /a/b, true",
    "/a, /ab, false",
    "/a, /, false",
    "/a/, /a, true",
    "/a/, /a/b, true",
    "/a/b, /a, false",
    "/a/b, /a/b/c/d/e, true",
    "/, /, true",
    "/, /a, true",
    "/a, /A, false",
    "/a, *, false",
    "/~x, /~x/y, true",
    "/%7ex, /~x/y, true",
    "/caf%c3%a9, /caf%C3%A9/1, true",
    "/café, /caf%C3%A9, true"
  })
  void prefixesMatchWholeElements(String prefix, String path, boolean expected) {
    rule("h", PREFIX, prefix, "it");
    assertThat(match("h", path)).isEqualTo(expected ? "it" : null);
  }

  @ParameterizedTest
  @CsvSource({"/a, /a, true", "/a, /a/, false", "/a/, /a, false", "/a/, /a/, true", "/, /, true"})
  void exactPathsMatchWhole(String exact, String path, boolean expected) {
    rule("h", EXACT, exact, "it");
    assertThat(match("h", path)).isEqualTo(expected ? "it" : null);
  }

  @ParameterizedTest
  @CsvSource({
    "/a[0-9]+, /a12/x, true",
    "/a[0-9]+, /x/a12, false",
    "/a[0-9]+$, /a12/x, false",
    "^/a, /ab, true",
    "/a|/b, /bc, true",
    "/ab?c, /ac, true",
    "/ab*, /a, true",
    "/ab{0}c, /ac, true",
    "(?i)/ABC, /abc, true",
    "/a.c, /abc, true",
    "\\Q/a.c\\E, /abc, false",
    "/a(b)?, /a, true",
    ".*, *, false",
    "a, /a, false"
  })
  void patternsMatchFromTheStart(String pattern, String path, boolean expected) {
    rule("h", REGEX, pattern, "it");
    assertThat(match("h", path)).isEqualTo(expected ? "it" : null);
  }

  @Test
  void exactThenPatternThenLongestPrefix() {
    rule("h", PREFIX, "/", "root");
    rule("h", PREFIX, "/a/b", "long");
    rule("h", PREFIX, "/a", "short");
    rule("h", REGEX, "/a/b/[c]", "pattern");
    rule("h", EXACT, "/a/b/c", "exact");
    assertThat(match("h", "/a/b/c")).isEqualTo("exact");
    assertThat(match("h", "/a/b/cc")).isEqualTo("pattern");
    assertThat(match("h", "/a/b/d")).isEqualTo("long");
    assertThat(match("h", "/a/c")).isEqualTo("short");
    assertThat(match("h", "/b")).isEqualTo("root");
  }

  @Test
  void longerPatternsThenOlderThenByName() {
    rule(key("h", REGEX, "/.*"), "short", 1);
    rule(key("h", REGEX, "/.*[b]"), "longer", 9);
    rule(key("h", REGEX, "/.*[ab]"), "longest-young", 9);
    rule(key("h", REGEX, "/.*[cb]"), "longest-old", 2);
    rule(key("h", REGEX, "/.*[db]"), "0-longest-of-unknown-age", 0);
    assertThat(match("h", "/xb")).isEqualTo("longest-old");
    assertThat(match("h", "/xa")).isEqualTo("longest-young");
    assertThat(match("h", "/xd")).isEqualTo("0-longest-of-unknown-age");
    assertThat(match("h", "/xe")).isEqualTo("short");
  }

  @Test
  void withoutTimestampsNamesDecide() {
    rule(key("h", REGEX, "/[ab]"), "b", 0);
    rule(key("h", REGEX, "/[ac]"), "a", 0);
    assertThat(match("h", "/a")).isEqualTo("a");
  }

  @Test
  void moreConditionsFirstAndThenTheNextCandidatePath() {
    ValueMatch beta = new ValueMatch("x-beta", ValueMatch.Type.EXACT, "1");
    ValueMatch team = new ValueMatch("x-team", ValueMatch.Type.REGEX, "r.d");
    ValueMatch v2 = new ValueMatch("v", ValueMatch.Type.EXACT, "2");
    rule(key("h", EXACT, "/a/b", beta), "exact-beta", 0);
    rule(key("h", REGEX, "/a/b", beta, team), "pattern-both", 0);
    rule(key("h", PREFIX, "/a/b", beta), "prefix-beta", 0);
    rule(key("h", PREFIX, "/a/b", team), "prefix-team", 0);
    rule(
        new RuleKey("h", PREFIX, "/a/b", new Matches(List.of(beta), List.of(v2))),
        "prefix-beta-v2",
        0);
    rule(key("h", PREFIX, "/a"), "prefix", 0);

    TestRequest isBeta = headers(Map.of("x-beta", List.of("0", "1")));
    TestRequest isTeam = headers(Map.of("x-team", List.of("red")));
    TestRequest isBoth = headers(Map.of("x-beta", List.of("1"), "x-team", List.of("rod")));
    TestRequest isBetaV2 = new TestRequest(isBeta.headers(), Map.of("v", List.of("2", "3")));
    TestRequest isBetaV3 = new TestRequest(isBeta.headers(), Map.of("v", List.of("3", "2")));
    assertThat(match("h", "/a/b", isBeta)).isEqualTo("exact-beta");
    assertThat(match("h", "/a/b", isBoth)).isEqualTo("exact-beta");
    assertThat(match("h", "/a/b/", isBoth)).isEqualTo("pattern-both");
    assertThat(match("h", "/a/b/c", isBeta)).isEqualTo("prefix-beta");
    assertThat(match("h", "/a/b/c", isBetaV2)).isEqualTo("prefix-beta-v2");
    assertThat(match("h", "/a/b/c", isBetaV3)).isEqualTo("prefix-beta");
    assertThat(match("h", "/a/b", isTeam)).isEqualTo("prefix-team");
    assertThat(match("h", "/a/b")).isEqualTo("prefix");
    assertThat(match("h", "/a/b", headers(Map.of("x-team", List.of("reed"))))).isEqualTo("prefix");
  }

  @Test
  void rulesThatStayAreTheSameObjects() {
    rules.with(pool("p"), "10.0.0.1:80");
    rules.forward(key("a", PREFIX, "/"), source("a", 0, 0), "p");
    rules.forward(key("b", PREFIX, "/"), source("b", 0, 0), "p");
    RoutingSnapshot one = rules.build();
    Pools pools =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, one, UpstreamContexts.empty()).pools();
    RoutingTable first = RoutingTable.compile(one, pools);

    RoutingSnapshot two = rules.with(Snapshots.endpoints("p", "10.0.0.2:80")).build();
    Pools.Update update = pools.prepare(one, two, UpstreamContexts.empty());
    RoutingTable second = first.next(one, two, update.pools());
    assertThat(second).isSameAs(first);

    RoutingSnapshot three = rules.forward(key("b", PREFIX, "/"), source("c", 0, 0), "p").build();
    RoutingTable third =
        second.next(
            two, three, update.pools().prepare(two, three, UpstreamContexts.empty()).pools());
    assertThat(third.match("a", "/", TestRequest.PLAIN))
        .isNotNull()
        .isSameAs(first.match("a", "/", TestRequest.PLAIN));
    assertThat(third.match("b", "/", TestRequest.PLAIN)).hasToString("WebSocketRoute demo/c l0");
  }

  @Test
  void poolsAreChosenByWeight() {
    rules.with(pool("much")).with(pool("little")).with(pool("nothing"));
    String policy = rules.builder().policy(dev.longshore.contract.policy.Policy.DEFAULT);
    List<WeightedPool> backends =
        List.of(
            new WeightedPool(Snapshots.poolKey("nothing"), 0),
            new WeightedPool(Snapshots.poolKey("much"), 95),
            new WeightedPool(Snapshots.poolKey("little"), 5));
    rules.with(
        new LocationRule(
            key("h", PREFIX, "/"),
            source("split", 0, 0),
            new Forward(backends, Rewrite.NONE, policy)));
    RoutingSnapshot snapshot = rules.build();
    Pools pools =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, snapshot, UpstreamContexts.empty()).pools();
    CompiledRule rule =
        requireNonNull(RoutingTable.compile(snapshot, pools).match("h", "/", TestRequest.PLAIN));
    CompiledAction.Forward forward = (CompiledAction.Forward) rule.action();
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      Pool chosen = requireNonNull(forward.choosePool(TestRequest.PLAIN));
      counts.merge(chosen.key().upstream(), 1, Integer::sum);
    }
    assertThat(counts).containsOnlyKeys("much", "little");
    assertThat(counts.get("little")).isBetween(800, 1200);
  }

  private static TestRequest headers(Map<String, List<String>> headers) {
    return new TestRequest(headers, Map.of());
  }
}
