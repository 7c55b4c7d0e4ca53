package dev.longshore.proxy.route;

import static dev.longshore.contract.PathType.EXACT;
import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.contract.PathType.REGEX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.re2j.Pattern;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.ValueMatch;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.upstream.Pools;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchBudgetTest {
  private static final String HOST = "a.example";
  private final Snapshots rules = snapshot();

  /** One request; asks again are the same request. */
  private record Request(List<String> values, MatchBudget budget) implements RequestView {
    static Request of(int values, String value) {
      return new Request(Collections.nCopies(values, value), new MatchBudget());
    }

    @Override
    public List<String> headerValues(String name) {
      return values;
    }

    @Override
    public List<String> queryValues(String name) {
      return values;
    }

    @Override
    public List<String> cookieValues(String name) {
      return values;
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }
  }

  private @Nullable String match(String path, RequestView request) {
    CompiledRule rule =
        RoutingTable.compile(rules.build(), Pools.empty()).match(HOST, path, request);
    return rule == null ? null : rule.source().name();
  }

  private void patterns(int count, String pattern) {
    for (int i = 0; i < count; i++) {
      rules.rule(key(HOST, REGEX, pattern + i), source("pattern", i, 0));
    }
  }

  /** Each took tens of milliseconds alone, 128 of them seconds. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*a.*b.*c",
        "/(?:[a-z]*[a-z]*[a-z]*)*c",
        "/((a|b)*a(a|b){100})c",
        "/(a{0,20}){0,20}c",
        "(?i)/(\\pL?\\pL?)*c",
        "/(?:\\b|\\B|a)*c",
        "/((((a*)*)*)*)*c"
      })
  void aLongPathThatPatternsReadToTheEndIsRefused(String pattern) {
    patterns(16, pattern);
    rules.rule(key(HOST, PREFIX, "/"), source("laxer", 0, 0));
    assertThatExceptionOfType(MatchBudget.TooCostlyException.class)
        .as("not by a rule that comes later and may be laxer")
        .isThrownBy(() -> match("/" + "a".repeat(8000), Request.of(0, "")));
    assertThat(match("/a", Request.of(0, ""))).isEqualTo("laxer");
    assertThat(
            RoutingTable.compile(rules.build(), Pools.empty()).serves(HOST, "/" + "a".repeat(8000)))
        .as("as the request would be refused, no rule would serve it")
        .isFalse();
  }

  @Test
  void patternsThatCannotBeTheirsCostAlmostNothing() {
    for (int i = 0; i < 128; i++) {
      rules.rule(key(HOST, REGEX, "/team/" + i + "/[0-9]+/(socket|events)"), source("p", i, 0));
    }
    rules.rule(key(HOST, REGEX, "/.*/end"), source("slow", 0, 0));
    assertThat(match("/" + "x/".repeat(4000) + "end", Request.of(0, ""))).isEqualTo("slow");
  }

  @Test
  void whatAPatternReadsIsCountedOncePerInstruction() {
    MatchBudget budget = new MatchBudget(10_000);
    CostedPattern pattern = CostedPattern.compile("a*c?b");
    int reads = 0;
    while (reads < 10_000) {
      try {
        assertThat(budget.begins(pattern, "a".repeat(100))).isFalse();
      } catch (MatchBudget.TooCostlyException e) {
        break;
      }
      reads++;
    }
    int each = 16 + pattern.instructions() * 101;
    assertThat(reads).isEqualTo(10_000 / each);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a|b", "^a", "(?i)A", "(?m)^a$", "a$", "\\Qa", "\\Qa\\E", "a|", "\\Aa", "\\ba\\b"})
  void anchoringChangesNothingOfWhatAPatternMeans(String text) {
    Pattern plain = Pattern.compile(text);
    for (String subject : List.of("", "a", "A", "ab", "ba", "b", "b\na", "a\nb", "xa")) {
      assertThat(new MatchBudget().begins(CostedPattern.compile(text), subject))
          .as("%s on %s", text, subject)
          .isEqualTo(plain.matcher(subject).lookingAt());
      assertThat(new MatchBudget().matches(CostedPattern.compile(text), subject))
          .as("%s on all of %s", text, subject)
          .isEqualTo(plain.matches(subject));
    }
  }

  @Test
  void patternsOfConditionsArePaidForToo() {
    ValueMatch slow = new ValueMatch("x-a", ValueMatch.Type.REGEX, "(.*a.*b.*c.*)*d");
    rules.rule(key(HOST, EXACT, "/", slow), source("slow", 0, 0));
    rules.rule(key(HOST, PREFIX, "/"), source("laxer", 0, 0));
    assertThat(match("/", Request.of(1, "abc"))).isEqualTo("laxer");
    assertThatExceptionOfType(MatchBudget.TooCostlyException.class)
        .isThrownBy(() -> match("/", Request.of(100, "a".repeat(4000))));
  }

  /** A rule may have 32 conditions, a host rules for each of 512 elements of a path. */
  @Test
  void conditionsOfManyRulesAreRefusedTogether() {
    StringBuilder path = new StringBuilder();
    for (int depth = 0; depth < 500; depth++) {
      path.append("/a");
      for (int i = 0; i < 32; i++) {
        ValueMatch match = new ValueMatch("x-a", ValueMatch.Type.EXACT, "v" + i);
        rules.rule(key(HOST, PREFIX, path.toString(), match), source("r", depth * 32 + i, 0));
      }
    }
    assertThatExceptionOfType(MatchBudget.TooCostlyException.class)
        .isThrownBy(() -> match(path.toString(), Request.of(1, "none")));
    assertThat(match(path.toString(), Request.of(1, "v31"))).isEqualTo("r");
  }

  @Test
  void asManyRulesOfAPathAsThereCanBeAreWithinIt() {
    ValueMatch[] none = new ValueMatch[16];
    for (int i = 0; i < HardLimits.CONDITIONAL_RULES_PER_PATH; i++) {
      for (int j = 0; j < none.length; j++) {
        none[j] = new ValueMatch("x-" + j, ValueMatch.Type.EXACT, j == 15 ? "n" + i : "v");
      }
      rules.rule(key(HOST, PREFIX, "/", none), source("r", i, 0));
    }
    rules.rule(key(HOST, PREFIX, "/"), source("last", 0, 0));
    assertThat(match("/", Request.of(1, "v"))).isEqualTo("last");
  }

  /** A path of 1,024 characters has up to 512 elements. */
  @Test
  void deepPrefixesNeedNoDeepStack() throws InterruptedException {
    String deep = "/a".repeat(512);
    rules.rule(key(HOST, PREFIX, deep), source("deep", 0, 0));
    Thread small =
        new Thread(
            null,
            () ->
                assertThat(match(deep + "/a/b".repeat(1000), Request.of(0, ""))).isEqualTo("deep"),
            "small stack",
            256 << 10);
    Throwable[] failed = {null};
    small.setUncaughtExceptionHandler((thread, e) -> failed[0] = e);
    small.start();
    small.join();
    assertThat(failed[0]).isNull();
  }
}
