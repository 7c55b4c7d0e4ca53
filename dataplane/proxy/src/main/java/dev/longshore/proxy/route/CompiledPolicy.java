package dev.longshore.proxy.route;

import dev.longshore.proxy.net.CidrSet;
import dev.longshore.proxy.tunnel.TunnelTerms;
import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.UpgradeMode;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy in the form that requests are checked with: sets instead of lists. Compiled once for all
 * rules that share it.
 */
public final class CompiledPolicy {
  private final Policy policy;
  private final UpgradeMode upgrade;
  private final InsecureMode insecure;
  private final boolean everybody;
  private final CidrSet allow;
  private final CidrSet deny;
  private final OriginSet origins;
  private final Set<String> subprotocols;
  private final TunnelTerms tunnels;

  private CompiledPolicy(Policy policy) {
    this.policy = policy;
    this.upgrade = policy.get(UpgradeMode.class);
    this.insecure = policy.get(InsecureMode.class);
    Access access = policy.get(Access.class);
    this.everybody = access.allow().isEmpty();
    this.allow = CidrSet.of(access.allow());
    this.deny = CidrSet.of(access.deny());
    this.origins = OriginSet.of(policy.get(AllowedOrigins.class).values());
    // Not Set.copyOf: tenants choose them, and a HashSet makes a tree of those with one hash.
    this.subprotocols =
        Collections.unmodifiableSet(new HashSet<>(policy.get(AllowedSubprotocols.class).names()));
    this.tunnels = TunnelTerms.of(policy);
  }

  /** Compiles a policy. */
  public static CompiledPolicy of(Policy policy) {
    return new CompiledPolicy(policy);
  }

  /** What it was compiled from. */
  public Policy policy() {
    return policy;
  }

  /** What tunnels that it admits are given. */
  public TunnelTerms tunnels() {
    return tunnels;
  }

  /** Why this policy does not admit somebody; null: it does, as far as it can be said so early. */
  public @Nullable Denial denial(Caller caller) {
    if (!permits(caller.address())) {
      return Denial.ADDRESS;
    }
    if (insecure == InsecureMode.REDIRECT && !caller.secure()) {
      return Denial.INSECURE;
    }
    Denial byUpgrade =
        switch (upgrade) {
          case REQUIRE -> caller.websocket() ? null : Denial.NO_UPGRADE;
          case DENY -> caller.websocket() ? Denial.UPGRADE : null;
          case ALLOW -> null;
        };
    if (byUpgrade != null) {
      return byUpgrade;
    }
    return permitsOrigins(caller.origins()) || (!caller.websocket() && caller.sameOrigin())
        ? null
        : Denial.ORIGIN;
  }

  /** Whether a client address may pass: deny beats allow, an empty allow list is everybody. */
  private boolean permits(InetAddress client) {
    return !deny.contains(client) && (everybody || allow.contains(client));
  }

  private boolean permitsOrigins(List<String> values) {
    return switch (values.size()) {
      case 0 -> origins.allows(null);
      case 1 -> origins.allows(values.getFirst());
      default -> !policy.has(AllowedOrigins.class);
    };
  }

  /** Whether a subprotocol may be spoken; case-sensitive. */
  public boolean permitsSubprotocol(String subprotocol) {
    return subprotocols.isEmpty() || subprotocols.contains(subprotocol);
  }
}
