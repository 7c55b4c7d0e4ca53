package dev.longshore.proxy.route;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.net.Wildcard;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.upstream.CompilationException;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All location rules, compiled: a host, then a path, then the conditions of a rule. Immutable; a
 * successor shares everything with it that did not change.
 */
public final class RoutingTable {
  private static final RoutingTable EMPTY =
      new RoutingTable(PersistentMap.empty(), PersistentMap.empty(), 0);

  /**
   * The rule keeps its place, so that no laxer one takes its traffic. What is wrong with it is in
   * the snapshot, for operators only.
   */
  private static final CompiledAction UNAVAILABLE =
      new CompiledAction.Refuse(
          LocalAnswer.unavailable("this route can't be served as it is configured"));

  /** By exact host, by {@code *.domain}, and {@link RuleKey#ANY_HOST}. */
  private final PersistentMap<String, HostTable> hosts;

  private final PersistentMap<String, CompiledPolicy> policies;
  private final int size;
  private final @Nullable HostTable anyHost;

  private RoutingTable(
      PersistentMap<String, HostTable> hosts,
      PersistentMap<String, CompiledPolicy> policies,
      int size) {
    this.hosts = hosts;
    this.policies = policies;
    this.size = size;
    this.anyHost = hosts.get(RuleKey.ANY_HOST);
  }

  /** The table without rules. */
  public static RoutingTable empty() {
    return EMPTY;
  }

  /**
   * Compiles all rules of a snapshot.
   *
   * @param pools of the same snapshot
   * @throws CompilationException if an entry can't be compiled; a valid snapshot has none such
   */
  public static RoutingTable compile(RoutingSnapshot snapshot, Pools pools) {
    return compile(snapshot, pools, CompiledPolicy::of);
  }

  static RoutingTable compile(
      RoutingSnapshot snapshot, Pools pools, Function<Policy, CompiledPolicy> compiler) {
    Draft draft = new Draft(EMPTY, pools, compiler);
    snapshot.policies().forEach(draft::addPolicy);
    snapshot.rules().forEach((key, rule) -> draft.put(rule, true));
    return draft.finish();
  }

  /**
   * The table of the next snapshot, in time proportional to the difference. A change of endpoints,
   * pools or settings alone gives this very table.
   *
   * @param before what this table was compiled from
   * @param after the next snapshot
   * @param pools of the next snapshot, with the pools of {@code before} that stay
   * @throws CompilationException if an entry can't be compiled; a valid snapshot has none such
   */
  public RoutingTable next(RoutingSnapshot before, RoutingSnapshot after, Pools pools) {
    Draft draft = new Draft(this, pools, CompiledPolicy::of);
    before.policies().diff(after.policies(), draft::changePolicy);
    if (draft.policyReplaced) {
      // Keys are hashes of contents, so this is not to be expected; but no rule may keep the old.
      return compile(after, pools);
    }
    before
        .rules()
        .diff(
            after.rules(),
            (key, old, now) -> {
              if (now == null) {
                draft.remove(key);
              } else {
                draft.put(now, old == null);
              }
            });
    return draft.finish();
  }

  /** The policy of this id, as rules have it; null: no rule has. */
  public @Nullable CompiledPolicy policy(String id) {
    return policies.get(id);
  }

  /** Number of rules. */
  public int size() {
    return size;
  }

  /**
   * The rule that decides about a request.
   *
   * @param host lower case, without port and trailing dot; IPv6 in brackets
   * @param matchPath {@link RequestTarget.Accepted#matchPath()}
   * @param request asked only by rules with conditions beside host and path
   * @return null: 404. A host that has rules, none of which matches, does not fall through to a
   *     wildcard or the catch-all
   * @throws MatchBudget.TooCostlyException at the end of the request's budget
   */
  public @Nullable CompiledRule match(String host, String matchPath, RequestView request) {
    HostTable table = table(host);
    return table == null || !matchPath.startsWith("/") ? null : table.match(matchPath, request);
  }

  /**
   * Whether any rule decides about a host and path, be it under conditions, or with 503. Asked of
   * thousands of tunnels at once, so it has a fraction of a request's budget; at the end of that
   * the answer is no.
   *
   * @param host as {@link #match} has it
   * @param path {@link RequestTarget.Accepted#path()}
   */
  public boolean serves(String host, String path) {
    MatchBudget budget = new MatchBudget(HardLimits.MATCH_STEPS / 16);
    try {
      return RequestTarget.parse(path) instanceof RequestTarget.Accepted target
          && match(host, target.matchPath(), new RequestView.Unconditional(budget)) != null;
    } catch (MatchBudget.TooCostlyException _) {
      return false;
    }
  }

  /** Whether any rule is for this host, be it by a wildcard or the catch-all. */
  public boolean knowsHost(String host) {
    return table(host) != null;
  }

  private @Nullable HostTable table(String host) {
    HostTable table = hosts.get(host);
    if (table != null) {
      return table;
    }
    String wildcard = Wildcard.of(host);
    if (wildcard != null) {
      table = hosts.get(wildcard);
    }
    return table != null ? table : anyHost;
  }

  /** Every rule, in no particular order. */
  public void forEach(Consumer<? super CompiledRule> action) {
    hosts.forEach((host, table) -> table.forEach(group -> group.rules().forEach(action)));
  }

  /** A table under construction. */
  private static final class Draft {
    private final Pools pools;
    private final PersistentMap<String, HostTable> hosts;

    /** Hosts that change, collected so that each is put into the map once. */
    private final Map<String, HostTable> changed = new HashMap<>();

    private final RoutingTable base;
    private final Function<Policy, CompiledPolicy> compiler;
    private PersistentMap<String, CompiledPolicy> policies;
    private int size;
    private boolean policiesChanged;
    private boolean policyReplaced;

    Draft(RoutingTable base, Pools pools, Function<Policy, CompiledPolicy> compiler) {
      this.compiler = compiler;
      this.base = base;
      this.pools = pools;
      this.hosts = base.hosts;
      this.policies = base.policies;
      this.size = base.size;
    }

    void addPolicy(String key, Policy policy) {
      try {
        policies = policies.with(key, compiler.apply(policy));
      } catch (RuntimeException | StackOverflowError | LinkageError e) {
        throw new CompilationException(new EntryRef.PolicyId(key), e);
      }
      policiesChanged = true;
    }

    void changePolicy(String key, @Nullable Policy old, @Nullable Policy now) {
      if (now == null) {
        policies = policies.without(key);
        policiesChanged = true;
      } else {
        addPolicy(key, now);
        policyReplaced |= old != null;
      }
    }

    void put(LocationRule rule, boolean added) {
      CompiledRule compiled;
      HostTable table;
      try {
        compiled = new CompiledRule(rule, action(rule));
        table = host(rule.key().host()).with(compiled);
      } catch (RuntimeException | StackOverflowError | LinkageError e) {
        throw new CompilationException(new EntryRef.Rule(rule.key()), e);
      }
      changed.put(rule.key().host(), table);
      size += added ? 1 : 0;
    }

    void remove(RuleKey key) {
      changed.put(key.host(), host(key.host()).without(key));
      size--;
    }

    private HostTable host(String host) {
      HostTable table = changed.get(host);
      if (table == null) {
        table = hosts.get(host);
      }
      return table == null ? HostTable.EMPTY : table;
    }

    private CompiledAction action(LocationRule rule) {
      return switch (rule.action()) {
        case RuleAction.Unavailable _ -> UNAVAILABLE;
        case RuleAction.Served served -> {
          CompiledPolicy policy = policies.get(served.policy());
          if (policy == null) {
            throw new IllegalArgumentException("there is no policy " + served.policy());
          }
          yield action(rule.key(), served, policy);
        }
      };
    }

    private CompiledAction action(RuleKey key, RuleAction.Served served, CompiledPolicy policy) {
      return switch (served) {
        case RuleAction.Forward forward ->
            new CompiledAction.Forward(
                weighted(forward),
                forward.rewrite(),
                PatternRewriter.of(key, forward.rewrite()),
                policy);
        case RuleAction.Redirect redirect ->
            new CompiledAction.Redirect(Redirection.of(redirect), policy);
        case RuleAction.Respond _ -> {
          LocalAnswer answer = policy.fixedAnswer();
          if (answer == null) {
            throw new IllegalArgumentException("there is no answer in policy " + served.policy());
          }
          yield new CompiledAction.Respond(answer, policy);
        }
      };
    }

    private WeightedPools weighted(RuleAction.Forward forward) {
      List<WeightedPool> backends = forward.backends();
      if (backends.isEmpty()) {
        throw new IllegalArgumentException("there is no pool to forward to");
      }
      List<Pool> targets = new ArrayList<>(backends.size());
      for (WeightedPool backend : backends) {
        Pool pool = pools.get(backend.pool());
        if (pool == null) {
          throw new IllegalArgumentException("there is no pool " + backend.pool());
        }
        targets.add(pool);
      }
      return new WeightedPools(targets, backends.stream().mapToInt(WeightedPool::weight).toArray());
    }

    RoutingTable finish() {
      if (changed.isEmpty() && !policiesChanged) {
        return base;
      }
      PersistentMap<String, HostTable> next = hosts;
      for (Map.Entry<String, HostTable> entry : changed.entrySet()) {
        next =
            entry.getValue().isEmpty()
                ? next.without(entry.getKey())
                : next.with(entry.getKey(), entry.getValue());
      }
      return new RoutingTable(next, policies, size);
    }
  }
}
