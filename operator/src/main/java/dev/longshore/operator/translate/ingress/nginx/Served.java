package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Policy.HeaderValue;
import dev.longshore.api.v1alpha1.Upstream.Affinity;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancing;
import dev.longshore.operator.translate.policy.HeadersReader;
import dev.longshore.operator.translate.policy.Leaf;
import dev.longshore.operator.translate.policy.Mistakes;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of one Ingress that are served say together. Of two that say one thing the
 * first in order of names counts, as of the two prefixes that people mix.
 */
public final class Served {
  private final Statements policy = new Statements(Mistakes.REFUSE);
  private final Statements guards = new Statements(Mistakes.REFUSE);
  private final Set<Leaf<?, ?>> stated = new HashSet<>();
  private final Edits request = new Edits();
  private final Edits response = new Edits();
  private final Map<String, Map<String, String>> same = new TreeMap<>();
  private @Nullable Affinity affinity;
  private @Nullable LoadBalancing balancing;
  private @Nullable NginxRedirect redirect;
  private String redirectPath = "";
  private @Nullable String root;

  Served() {}

  /** Edits of the headers in one direction, by name in lower case. */
  private static final class Edits {
    private final Map<String, HeaderValue> set = new LinkedHashMap<>();
    private final Map<String, String> removed = new LinkedHashMap<>();
    private String path = "";
  }

  /** Which headers are meant. */
  enum Direction {
    REQUEST,
    RESPONSE
  }

  /**
   * States a leaf of the policy, unless something before it did.
   *
   * @param at the field path of the annotation
   */
  <V> void state(Leaf<V, ?> leaf, V value, String at) {
    if (stated.add(leaf)) {
      policy.state(leaf, value, at);
    }
  }

  /**
   * The same of one that asks who somebody is, which nobody asks servers of certificates.
   *
   * @param at the field path of the annotation
   */
  <V> void guard(Leaf<V, ?> leaf, V value, String at) {
    if (stated.add(leaf)) {
      guards.state(leaf, value, at);
    }
  }

  /**
   * Sets a header, or takes it away.
   *
   * @param value null: it is taken away
   * @param at the field path of the annotation
   */
  void header(Direction direction, String name, @Nullable String value, String at) {
    Edits edits = direction == Direction.REQUEST ? request : response;
    String key = name.toLowerCase(Locale.ROOT);
    edits.set.remove(key);
    edits.removed.remove(key);
    if (value == null) {
      edits.removed.put(key, name);
    } else {
      edits.set.put(key, new HeaderValue(name, value, null));
    }
    edits.path = at;
  }

  void affinity(Affinity cookie) {
    affinity = affinity == null ? cookie : affinity;
  }

  void balancing(LoadBalancing chosen) {
    balancing = balancing == null ? chosen : balancing;
  }

  void redirect(NginxRedirect to, String at) {
    redirect = redirect == null ? to : redirect;
    redirectPath = at;
  }

  void root(String path) {
    root = root == null ? path : root;
  }

  /** Where all requests are sent; null: to the backends. */
  public @Nullable NginxRedirect redirect() {
    return redirect;
  }

  /** The field path of what says so. */
  public String redirectPath() {
    return redirectPath;
  }

  /** Where requests for {@code /} are sent, with path, query and fragment; null: nowhere. */
  public @Nullable String root() {
    return root;
  }

  /** The cookie that keeps clients at their endpoints; null: none is asked for. */
  public @Nullable Affinity affinity() {
    return affinity;
  }

  /** How endpoints are chosen; null: nothing is said. */
  public @Nullable LoadBalancing balancing() {
    return balancing;
  }

  /** What asks who somebody is; not on the paths that servers of certificates ask for. */
  public Source guards() {
    return guards;
  }

  /** The policy that they state, but for the guards. */
  public Source policy() {
    state(HeadersReader.REQUEST, request);
    state(HeadersReader.RESPONSE, response);
    return policy;
  }

  private void state(HeadersReader direction, Edits edits) {
    List<HeaderValue> set = new ArrayList<>(edits.set.values());
    List<String> removed = new ArrayList<>(edits.removed.values());
    policy.state(direction.set(), set.isEmpty() ? null : set, edits.path);
    policy.state(direction.remove(), removed.isEmpty() ? null : removed, edits.path);
  }

  /**
   * Notes that annotations of ours would say the same, and nothing less.
   *
   * @param at the field path of the annotation
   * @param ours values by name behind {@code longshore.dev/}
   */
  void same(String at, Map<String, String> ours) {
    same.put(at, Map.copyOf(ours));
  }

  /** What says exactly the same: annotations of ours by name, by the field path of the other. */
  public Map<String, Map<String, String>> same() {
    return Collections.unmodifiableMap(same);
  }

  /** Says that an annotation is served, and as what. */
  static void translated(Problems found, String at, String asWhat) {
    found.note(Reason.TRANSLATED, at, "is served as " + asWhat);
  }
}
