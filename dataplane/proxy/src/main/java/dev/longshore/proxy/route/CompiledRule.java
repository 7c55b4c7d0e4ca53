package dev.longshore.proxy.route;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.ValueMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A location rule that is ready for use. It stays the same object in every table until the rule
 * itself changes, so a tunnel can keep the one that admitted it.
 */
public final class CompiledRule {
  private final LocationRule rule;
  private final CompiledAction action;
  private final List<ValueTest> headers;
  private final List<ValueTest> query;

  CompiledRule(LocationRule rule, CompiledAction action) {
    this.rule = rule;
    this.action = action;
    this.headers = rule.key().matches().headers().stream().map(ValueTest::of).toList();
    this.query = rule.key().matches().query().stream().map(ValueTest::of).toList();
  }

  /** What it was compiled from. */
  public LocationRule rule() {
    return rule;
  }

  /** Host, path and conditions. */
  public RuleKey key() {
    return rule.key();
  }

  /** The manifest place it comes from. */
  public RuleSource source() {
    return rule.source();
  }

  /** What becomes of a request. */
  public CompiledAction action() {
    return action;
  }

  /** Whether all conditions beside host and path hold. */
  boolean admits(RequestView request) {
    if (request instanceof RequestView.Unconditional) {
      return true;
    }
    for (int i = 0; i < headers.size(); i++) {
      ValueTest test = headers.get(i);
      List<String> values = request.headerValues(test.name);
      request.budget().condition(values.size());
      if (!test.any(values, request.budget())) {
        return false;
      }
    }
    for (int i = 0; i < query.size(); i++) {
      ValueTest test = query.get(i);
      List<String> values = request.queryValues(test.name);
      request.budget().condition(1);
      if (values.isEmpty() || !test.accepts(values.getFirst(), request.budget())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return rule.source().resource() + " " + rule.source().location();
  }

  /**
   * One condition.
   *
   * @param pattern null: {@code value} is compared literally
   */
  private record ValueTest(String name, String value, @Nullable CostedPattern pattern) {
    static ValueTest of(ValueMatch match) {
      return new ValueTest(
          match.name(),
          match.value(),
          switch (match.type()) {
            case EXACT -> null;
            case REGEX -> CostedPattern.compile(match.value());
          });
    }

    boolean accepts(String actual, MatchBudget budget) {
      return pattern == null ? value.equals(actual) : budget.matches(pattern, actual);
    }

    boolean any(List<String> values, MatchBudget budget) {
      for (int i = 0; i < values.size(); i++) {
        if (accepts(values.get(i), budget)) {
          return true;
        }
      }
      return false;
    }
  }
}
