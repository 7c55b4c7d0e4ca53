package dev.longshore.proxy.route;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RuleKey;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The rules of one host: exact paths, then patterns, then prefixes. Immutable. */
final class HostTable {
  static final HostTable EMPTY =
      new HostTable(PersistentMap.empty(), RegexRules.EMPTY, PrefixNode.EMPTY);

  private final PersistentMap<String, RuleGroup> exact;
  private final RegexRules patterns;
  private final PrefixNode prefixes;

  private HostTable(
      PersistentMap<String, RuleGroup> exact, RegexRules patterns, PrefixNode prefixes) {
    this.exact = exact;
    this.patterns = patterns;
    this.prefixes = prefixes;
  }

  boolean isEmpty() {
    return exact.size() == 0 && patterns.isEmpty() && prefixes.isEmpty();
  }

  @Nullable CompiledRule match(String path, RequestView request) {
    if (exact.size() > 0) {
      RuleGroup whole = exact.get(path);
      CompiledRule rule = whole == null ? null : whole.first(request);
      if (rule != null) {
        return rule;
      }
    }
    CompiledRule rule = patterns.match(path, request);
    return rule != null ? rule : prefixes.match(path, 1, request);
  }

  HostTable with(CompiledRule rule) {
    return with(rule.key(), present -> present == null ? RuleGroup.of(rule) : present.with(rule));
  }

  HostTable without(RuleKey key) {
    return with(key, present -> present == null ? null : present.without(key));
  }

  private HostTable with(RuleKey key, UnaryOperator<@Nullable RuleGroup> change) {
    return switch (key.pathType()) {
      case EXACT -> {
        String path = RulePath.canonical(key.path());
        RuleGroup rules = change.apply(exact.get(path));
        yield new HostTable(
            rules == null ? exact.without(path) : exact.with(path, rules), patterns, prefixes);
      }
      case REGEX -> new HostTable(exact, patterns.with(key.path(), change), prefixes);
      case PREFIX ->
          new HostTable(exact, patterns, prefixes.with(RulePath.canonical(key.path()), 1, change));
    };
  }

  void forEach(Consumer<? super RuleGroup> action) {
    exact.forEach((path, rules) -> action.accept(rules));
    patterns.forEach(action);
    prefixes.forEach(action);
  }
}
