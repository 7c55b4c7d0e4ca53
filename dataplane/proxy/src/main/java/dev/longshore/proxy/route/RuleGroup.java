package dev.longshore.proxy.route;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of one path of one host, in the order in which they are tried. Never empty. */
final class RuleGroup {
  /**
   * Older resources first, those of unknown age last; then by name, so that the order is the same
   * everywhere.
   */
  static final Comparator<LocationRule> SENIORITY =
      Comparator.<LocationRule>comparingLong(RuleGroup::age)
          .thenComparing(rule -> rule.source().namespace())
          .thenComparing(rule -> rule.source().name())
          .thenComparingInt(rule -> rule.source().index())
          .thenComparing(rule -> rule.source().kind())
          .thenComparing(rule -> rule.key().path())
          .thenComparing(rule -> rule.key().matches().toString());

  private static final Comparator<CompiledRule> ORDER =
      Comparator.<CompiledRule>comparingInt(rule -> -rule.key().matches().count())
          .thenComparing(CompiledRule::rule, SENIORITY);

  private final List<CompiledRule> rules;

  private RuleGroup(List<CompiledRule> rules) {
    this.rules = rules;
  }

  static RuleGroup of(CompiledRule rule) {
    return new RuleGroup(List.of(rule));
  }

  /** The rules in order. */
  List<CompiledRule> rules() {
    return rules;
  }

  /** With the rule, in place of one of the same key. */
  RuleGroup with(CompiledRule rule) {
    List<CompiledRule> next = new ArrayList<>(rules.size() + 1);
    for (CompiledRule present : rules) {
      if (!present.key().equals(rule.key())) {
        next.add(present);
      }
    }
    next.add(rule);
    next.sort(ORDER);
    return new RuleGroup(List.copyOf(next));
  }

  /** Without the rule; null when nothing is left. */
  @Nullable RuleGroup without(RuleKey key) {
    List<CompiledRule> next = rules.stream().filter(present -> !present.key().equals(key)).toList();
    return next.isEmpty() ? null : new RuleGroup(next);
  }

  /** The first rule whose conditions hold, or null. */
  @Nullable CompiledRule first(RequestView request) {
    for (int i = 0; i < rules.size(); i++) {
      CompiledRule rule = rules.get(i);
      if (rule.admits(request)) {
        return rule;
      }
    }
    return null;
  }

  /** The rule that decides about the group's place among others. */
  LocationRule eldest() {
    LocationRule eldest = rules.getFirst().rule();
    for (CompiledRule rule : rules) {
      eldest = SENIORITY.compare(rule.rule(), eldest) < 0 ? rule.rule() : eldest;
    }
    return eldest;
  }

  private static long age(LocationRule rule) {
    RuleSource source = rule.source();
    return source.createdAt() == 0 ? Long.MAX_VALUE : source.createdAt();
  }
}
