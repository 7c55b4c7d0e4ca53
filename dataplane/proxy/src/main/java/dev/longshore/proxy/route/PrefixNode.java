package dev.longshore.proxy.route;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A node of the trie of prefix rules, one level for each path element. Immutable. */
final class PrefixNode {
  static final PrefixNode EMPTY = new PrefixNode(null, ElementMap.empty());

  /** The rules whose prefix ends here, or null. */
  private final @Nullable RuleGroup rules;

  private final ElementMap<PrefixNode> children;

  private PrefixNode(@Nullable RuleGroup rules, ElementMap<PrefixNode> children) {
    this.rules = rules;
    this.children = children;
  }

  boolean isEmpty() {
    return rules == null && children.isEmpty();
  }

  /**
   * The first rule that admits the request, longest prefix first.
   *
   * @param from where the next element of the path begins; the recursion ends where the rules do
   */
  @Nullable CompiledRule match(String path, int from, RequestView request) {
    if (from < path.length() && !children.isEmpty()) {
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      PrefixNode child = children.get(path, from, to);
      if (child != null) {
        CompiledRule longer = child.match(path, to + 1, request);
        if (longer != null) {
          return longer;
        }
      }
    }
    return rules == null ? null : rules.first(request);
  }

  /**
   * The trie with the rules of one prefix changed.
   *
   * @param from where the next element of the prefix begins
   * @param change gets the rules that are there, or null; gives those that shall be, or null
   */
  PrefixNode with(String prefix, int from, UnaryOperator<@Nullable RuleGroup> change) {
    if (from >= prefix.length()) {
      return new PrefixNode(change.apply(rules), children);
    }
    int slash = prefix.indexOf('/', from);
    int to = slash < 0 ? prefix.length() : slash;
    PrefixNode child = children.get(prefix, from, to);
    PrefixNode next = (child == null ? EMPTY : child).with(prefix, to + 1, change);
    String element = prefix.substring(from, to);
    return new PrefixNode(
        rules, next.isEmpty() ? children.without(element) : children.with(element, next));
  }

  void forEach(Consumer<? super RuleGroup> action) {
    if (rules != null) {
      action.accept(rules);
    }
    children.forEach(child -> child.forEach(action));
  }
}
