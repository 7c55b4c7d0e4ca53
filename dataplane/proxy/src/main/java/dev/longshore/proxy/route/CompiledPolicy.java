package dev.longshore.proxy.route;

import dev.longshore.contract.Policy;
import dev.longshore.contract.Policy.InsecureMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A policy in the form that requests are checked with: sets instead of lists, nanoseconds instead
 * of durations. Compiled once for all rules that share it.
 */
public final class CompiledPolicy {
  /** So that sums with {@link System#nanoTime()} compare rightly: 73 years. */
  private static final long LONGEST = Long.MAX_VALUE / 4;

  private final Policy policy;
  private final CidrSet allow;
  private final CidrSet deny;
  private final OriginSet origins;
  private final Set<String> subprotocols;
  private final Timeouts timeouts;
  private final long closingDeadlineNanos;

  /**
   * Bounds in nanoseconds; 0: none.
   *
   * @param connect TCP connect to an endpoint
   * @param handshake from the upgrade request to the verified 101
   * @param idle no byte in either direction
   * @param maxLifetime of a tunnel, before the spread of ±10 %
   * @param response plain HTTP, until the response headers
   * @param writeStall a peer that takes no byte while some are waiting
   */
  public record Timeouts(
      long connect, long handshake, long idle, long maxLifetime, long response, long writeStall) {}

  private CompiledPolicy(Policy policy) {
    this.policy = policy;
    this.allow = CidrSet.of(policy.access().allow());
    this.deny = CidrSet.of(policy.access().deny());
    this.origins = OriginSet.of(policy.origins());
    // Not Set.copyOf: tenants choose them, and a HashSet makes a tree of those with one hash.
    this.subprotocols = Collections.unmodifiableSet(new HashSet<>(policy.subprotocols()));
    Policy.Timeouts bounds = policy.timeouts();
    this.timeouts =
        new Timeouts(
            nanos(bounds.connect()),
            nanos(bounds.handshake()),
            nanos(bounds.idle()),
            nanos(bounds.maxLifetime()),
            nanos(bounds.response()),
            nanos(bounds.writeStall()));
    this.closingDeadlineNanos = nanos(policy.closing().deadline());
  }

  /** Compiles a policy. */
  public static CompiledPolicy of(Policy policy) {
    return new CompiledPolicy(policy);
  }

  /** What it was compiled from. */
  public Policy policy() {
    return policy;
  }

  /** Why this policy does not admit somebody; null: it does, as far as it can be said so early. */
  public @Nullable Denial denial(Caller caller) {
    if (!permits(caller.address())) {
      return Denial.ADDRESS;
    }
    if (policy.insecure() == InsecureMode.REDIRECT && !caller.secure()) {
      return Denial.INSECURE;
    }
    Denial byUpgrade =
        switch (policy.upgrade()) {
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
    return !deny.contains(client) && (policy.access().allow().isEmpty() || allow.contains(client));
  }

  private boolean permitsOrigins(List<String> values) {
    return switch (values.size()) {
      case 0 -> origins.allows(null);
      case 1 -> origins.allows(values.getFirst());
      default -> policy.origins().isEmpty();
    };
  }

  /** Whether a subprotocol may be spoken; case-sensitive. */
  public boolean permitsSubprotocol(String subprotocol) {
    return subprotocols.isEmpty() || subprotocols.contains(subprotocol);
  }

  /** All bounds in time. */
  public Timeouts timeouts() {
    return timeouts;
  }

  /** Further endpoints to try before the client got anything. */
  public int retries() {
    return policy.retries();
  }

  /** From our Close until the connection is closed anyway, in nanoseconds. */
  public long closingDeadlineNanos() {
    return closingDeadlineNanos;
  }

  /** What a client is sent when its tunnel is closed politely. */
  public int closeCode() {
    return policy.closing().closeCode();
  }

  private static long nanos(Duration duration) {
    return Math.clamp(TimeUnit.NANOSECONDS.convert(duration), 0, LONGEST);
  }
}
