package dev.longshore.proxy.drain;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleKey;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.filter.TunnelSubject;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.proof.Proof;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.LongLivedConnection;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.Tunnels;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Closes the tunnels that their rule's policy of now would not admit any more, where {@code
 * drain.onPolicyChange} of that policy is Close. Nothing is looked at as long as no rule asks for
 * it.
 */
final class TightenedPolicies {
  private final Tunnels tunnels;
  private final ScheduledExecutorService timer;
  private final Supplier<RoutingState> current;
  private final Duration handshakes;
  private final Part part;

  /**
   * Begins with no rule.
   *
   * @param handshakes how long one that was admitted before a change may take to become a tunnel
   * @param part hears of a look that fails
   */
  TightenedPolicies(
      Tunnels tunnels,
      ScheduledExecutorService timer,
      Supplier<RoutingState> current,
      Duration handshakes,
      Part part) {
    this.part = part;
    this.tunnels = tunnels;
    this.timer = timer;
    this.current = current;
    this.handshakes = handshakes;
  }

  /** Follows a change, in time proportional to it and, if a rule asks for it, to open tunnels. */
  void applied(RoutingState before, RoutingState now) {
    List<RuleKey> changed = new ArrayList<>();
    before
        .snapshot()
        .rules()
        .diff(
            now.snapshot().rules(),
            (key, old, next) -> {
              if (next != null
                  && policy(next, now) instanceof CompiledPolicy policy
                  && closes(policy)
                  && (old == null || policy(old, before) != policy)) {
                changed.add(key);
              }
            });
    if (!changed.isEmpty() && before.applied()) {
      judge(changed, now);
      Runnable again =
          part.guarded(
              "tunnels of tightened policies can't be closed", () -> judge(changed, current.get()));
      var _ = timer.schedule(again, handshakes.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static boolean closes(CompiledPolicy policy) {
    return policy.tunnels().closedOnPolicyChange();
  }

  private static @Nullable CompiledPolicy policy(LocationRule rule, RoutingState state) {
    return switch (rule.action()) {
      case RuleAction.Served served -> state.table().policy(served.policy());
      case RuleAction.Unavailable _ -> null;
    };
  }

  private void judge(List<RuleKey> rules, RoutingState now) {
    Map<RuleKey, CompiledPolicy> policies = new HashMap<>();
    for (RuleKey key : rules) {
      LocationRule rule = now.snapshot().rules().get(key);
      if (rule != null && policy(rule, now) instanceof CompiledPolicy policy && closes(policy)) {
        policies.put(key, policy);
      }
    }
    if (!policies.isEmpty() && tunnels.open() > 0) {
      tunnels.close(
          CloseCause.POLICY,
          tunnel -> {
            TunnelContext context = tunnel.context();
            CompiledPolicy policy = policies.get(context.rule().key());
            return policy != null && !admits(policy, tunnel);
          });
    }
  }

  private static boolean admits(CompiledPolicy policy, LongLivedConnection tunnel) {
    boolean websocket = tunnel.type() == LongLivedConnection.Type.WEB_SOCKET;
    return policy.requests().admitsStill(new Opener(tunnel.context(), websocket));
  }

  /** Who opened a tunnel, as policies judge it. */
  private record Opener(TunnelContext context, boolean websocket) implements TunnelSubject {
    @Override
    public InetAddress address() {
      return InetAddress.ofLiteral(context.client());
    }

    @Override
    public boolean secure() {
      return context.secure();
    }

    @Override
    public List<String> origins() {
      String origin = context.origin();
      return origin == null ? List.of() : List.of(origin);
    }

    @Override
    public boolean sameOrigin() {
      // Not asked of a WebSocket, and a page can't make a call of gRPC.
      return false;
    }

    @Override
    public List<String> subprotocols() {
      String subprotocol = context.subprotocol();
      return subprotocol == null ? List.of() : List.of(subprotocol);
    }

    @Override
    public List<Proof> proofs() {
      return context.proofs();
    }
  }
}
