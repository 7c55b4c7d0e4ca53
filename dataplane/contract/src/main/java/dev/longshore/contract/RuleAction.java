package dev.longshore.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What becomes of a request that a rule matched. */
public sealed interface RuleAction {

  /** It is served, under a policy. */
  sealed interface Served extends RuleAction {
    /** Key of the policy in the snapshot. */
    String policy();

    /** The same under another policy. */
    Served under(String policy);

    /** Where it may go; empty: it is answered without asking anybody. */
    default List<WeightedPool> backends() {
      return List.of();
    }
  }

  /**
   * Proxy it to one of the pools.
   *
   * @param backends at least one; chosen by weight
   * @param rewrite changes to the request target and Host
   * @param policy key of the policy in the snapshot
   */
  record Forward(List<WeightedPool> backends, Rewrite rewrite, String policy) implements Served {
    public Forward {
      backends = List.copyOf(backends);
    }

    @Override
    public Forward under(String other) {
      return new Forward(backends, rewrite, other);
    }
  }

  /**
   * Answer that it is to be asked for elsewhere (RFC 9110 §15.4). What isn't told is as the client
   * asked for it; the query stays, unless the path's change replaces it.
   *
   * @param scheme {@code http} or {@code https}; null: the client's
   * @param host without port; null: the client's
   * @param port null: the well-known one of {@code scheme}, or without that the client's
   * @param path how the path changes; null: it doesn't
   * @param status 301, 302, 303, 307 or 308
   * @param policy key of the policy in the snapshot
   */
  record Redirect(
      @Nullable String scheme,
      @Nullable String host,
      @Nullable Integer port,
      @Nullable PathRewrite path,
      int status,
      String policy)
      implements Served {
    @Override
    public Redirect under(String other) {
      return new Redirect(scheme, host, port, path, status, other);
    }
  }

  /**
   * Answer what the policy's {@link dev.longshore.contract.policy.FixedAnswer} says.
   *
   * @param policy key of the policy in the snapshot
   */
  record Respond(String policy) implements Served {
    @Override
    public Respond under(String other) {
      return new Respond(other);
    }
  }

  /**
   * Answer 503: the rule can't be served, and keeps its place so that no laxer rule takes its
   * traffic.
   *
   * @param reason a condition reason such as {@code UnsupportedValue}
   * @param message what is wrong and where; for operators, never sent to clients
   */
  record Unavailable(String reason, String message) implements RuleAction {}

  /**
   * One member of a weighted split.
   *
   * @param pool key of the pool
   * @param weight 0 to 1,000,000; 0 takes no traffic
   */
  record WeightedPool(PoolKey pool, int weight) {}

  /**
   * Changes to the request on its way upstream.
   *
   * @param path how the path changes; null: the original target goes upstream
   * @param host the Host to send; null: the client's is kept
   */
  record Rewrite(@Nullable PathRewrite path, @Nullable String host) {
    /** Nothing changes. */
    public static final Rewrite NONE = new Rewrite(null, null);
  }

  /**
   * A change of the path; the query stays.
   *
   * @param type which part is replaced
   * @param value what it is replaced with, starting with {@code /}; of {@link Type#REPLACE_MATCH}
   *     it may start with a group too, of {@link Type#REPLACE_TARGET} with {@code ?} or {@code #},
   *     or be empty
   */
  record PathRewrite(Type type, String value) {
    /** Which part of the path is replaced. */
    public enum Type {
      /** The matched prefix (by whole elements); for Exact rules the whole path. */
      REPLACE_PREFIX,
      /** The whole path. */
      REPLACE_FULL,
      /**
       * The whole path, with {@code $1} to {@code $9} in the value standing for what the groups of
       * the rule's pattern matched, nothing for one that matched nothing; of REGEX rules only.
       */
      REPLACE_MATCH,
      /**
       * Everything behind the host: path, query and fragment, each of which may be missing; of
       * redirects only.
       */
      REPLACE_TARGET
    }
  }
}
