package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.ValueMatch;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.upstream.Pools;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * After any edits the table that was updated step by step, the table that was compiled anew, and a
 * plain reading of the rules give the same answers.
 */
class RoutingTablePropertyTest {
  private static final List<String> HOSTS =
      List.of("a.example.com", "b.example.com", "*.example.com", "example.com", "*");
  private static final List<String> ELEMENTS = List.of("a", "b", "c", "Aa", "BB");
  private static final List<String> PATTERNS =
      List.of("/a.*", "/[ab]", "/.*b", "/a|/b", "/(a|b)/c", "/Aa?/", ".*", "/a/b$");
  private static final List<ValueMatch> MATCHES =
      List.of(
          new ValueMatch("x", ValueMatch.Type.EXACT, "1"),
          new ValueMatch("y", ValueMatch.Type.REGEX, "[12]"));

  private final SplittableRandom random = new SplittableRandom(42);

  @Test
  void updatesGiveWhatCompilingGives() {
    RoutingSnapshot before = RoutingSnapshot.EMPTY;
    RoutingTable table = RoutingTable.empty();
    for (int step = 0; step < 600; step++) {
      Snapshots edits = Snapshots.from(before);
      List<RuleKey> present = new ArrayList<>();
      before.rules().forEach((key, rule) -> present.add(key));
      present.sort(Comparator.comparing(RuleKey::toString));
      // Grows and shrinks, down to nothing.
      boolean growing = step / 100 % 2 == 0;
      for (int edit = random.nextInt(5); edit >= 0; edit--) {
        if (present.isEmpty() || random.nextInt(4) < (growing ? 3 : 1)) {
          edits.rule(
              key(),
              Snapshots.source("r" + random.nextInt(6), random.nextInt(3), random.nextInt(3)));
        } else {
          edits.without(present.get(random.nextInt(present.size())));
        }
      }
      RoutingSnapshot after = edits.build();
      table = table.next(before, after, Pools.empty());
      before = after;
      check(after, table);
    }
  }

  private void check(RoutingSnapshot snapshot, RoutingTable table) {
    RoutingTable compiled = RoutingTable.compile(snapshot, Pools.empty());
    assertThat(table.size()).isEqualTo(snapshot.rules().size()).isEqualTo(compiled.size());
    assertThat(rules(table)).isEqualTo(rules(compiled)).hasSize(table.size());
    for (int i = 0; i < 20; i++) {
      String host = pick(List.of("a.example.com", "b.example.com", "c.example.com", "x.y.z", "z"));
      String path = path() + (random.nextInt(4) == 0 ? "/" : "");
      RequestView request =
          new TestRequest(
              Map.of("x", List.of("" + random.nextInt(2)), "y", List.of("" + random.nextInt(4))),
              Map.of());
      LocationRule expected = plainly(snapshot, host, path, request);
      assertThat(rule(table.match(host, path, request))).isEqualTo(expected);
      assertThat(rule(compiled.match(host, path, request))).isEqualTo(expected);
    }
  }

  private static Set<LocationRule> rules(RoutingTable table) {
    Set<LocationRule> rules = new HashSet<>();
    table.forEach(rule -> rules.add(rule.rule()));
    return rules;
  }

  private static @Nullable LocationRule rule(@Nullable CompiledRule compiled) {
    return compiled == null ? null : compiled.rule();
  }

  /** The API's words on matching, read rule by rule. */
  private static @Nullable LocationRule plainly(
      RoutingSnapshot snapshot, String host, String path, RequestView request) {
    List<LocationRule> all = new ArrayList<>();
    snapshot.rules().forEach((key, rule) -> all.add(rule));
    String wildcard = "*" + host.substring(Math.max(0, host.indexOf('.')));
    for (String candidate : List.of(host, wildcard, "*")) {
      List<LocationRule> ofHost =
          all.stream().filter(rule -> rule.key().host().equals(candidate)).toList();
      if (!ofHost.isEmpty()) {
        return ofHost.stream()
            .filter(rule -> pathMatches(rule.key(), path))
            .filter(rule -> conditionsHold(rule.key(), request))
            .min(order(ofHost))
            .orElse(null);
      }
    }
    return null;
  }

  private static boolean pathMatches(RuleKey key, String path) {
    return switch (key.pathType()) {
      case EXACT -> path.equals(key.path());
      case REGEX -> Pattern.compile(key.path()).matcher(path).lookingAt();
      case PREFIX -> (path + "/").startsWith(key.path().equals("/") ? "/" : key.path() + "/");
    };
  }

  private static boolean conditionsHold(RuleKey key, RequestView request) {
    return key.matches().headers().stream()
        .allMatch(
            match ->
                switch (match.type()) {
                  case EXACT -> request.headerValues(match.name()).contains(match.value());
                  case REGEX ->
                      request.headerValues(match.name()).stream()
                          .anyMatch(value -> value.matches(match.value()));
                });
  }

  private static Comparator<LocationRule> order(List<LocationRule> rules) {
    return Comparator.<LocationRule, PathType>comparing(rule -> rule.key().pathType())
        .thenComparingInt(rule -> -rule.key().path().length())
        .thenComparing(
            rule ->
                rules.stream()
                    .filter(
                        other ->
                            other.key().pathType() == rule.key().pathType()
                                && other.key().path().equals(rule.key().path()))
                    .min(RuleGroup.SENIORITY)
                    .orElseThrow(),
            RuleGroup.SENIORITY)
        .thenComparingInt(rule -> -rule.key().matches().count())
        .thenComparing(RuleGroup.SENIORITY);
  }

  private RuleKey key() {
    PathType type = pick(List.of(PathType.values()));
    String path = type == PathType.REGEX ? pick(PATTERNS) : path();
    ValueMatch[] matches =
        MATCHES.stream().filter(match -> random.nextInt(4) == 0).toArray(ValueMatch[]::new);
    return Snapshots.key(pick(HOSTS), type, path, matches);
  }

  private String path() {
    StringBuilder path = new StringBuilder();
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      path.append('/').append(pick(ELEMENTS));
    }
    return path.isEmpty() ? "/" : path.toString();
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
