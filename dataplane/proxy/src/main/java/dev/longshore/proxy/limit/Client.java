package dev.longshore.proxy.limit;

import dev.longshore.proxy.net.ClientNetwork;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client at one scope, as a key and as what is known of it: its open tunnels, and when its
 * bucket of handshakes is full again. What changes is for {@link Clients} only, which sees to it
 * that one thread at a time touches it.
 *
 * <p>Clients choose their keys, of IPv6 any of their /64s: a hash that only this process knows
 * keeps them from choosing such that collide, and the order keeps it cheap if they do.
 */
final class Client implements Comparable<Client> {
  private static final long SEED = new SecureRandom().nextLong();
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  final Scope scope;
  private final long network;
  private int open;
  private long fullAt;

  /** Whether it waits in the queue of those whose buckets are filling. */
  boolean filling;

  /** One that was never seen before. */
  Client(Scope scope, long network, long now) {
    this.scope = scope;
    this.network = network;
    this.fullAt = now;
  }

  /** Whether it stands for all that there was no room for. */
  boolean isEverybodyElse() {
    return network == ClientNetwork.NOBODY;
  }

  int open() {
    return open;
  }

  void opened() {
    open++;
  }

  void closed() {
    if (open == 0) {
      throw new IllegalStateException("released more often than permitted");
    }
    open--;
  }

  /** Whether there is nothing to remember. */
  boolean isIdle(long now) {
    return open == 0 && fullAt - now <= 0;
  }

  /**
   * Takes a handshake out of the bucket, if there is one in it.
   *
   * @param now by the ticker of {@link Clients}
   * @param perSecond how fast it fills; above 0
   * @param burst how many it holds; above 0
   * @return nanoseconds until there is one; 0: it was there and is taken
   */
  long take(long now, int perSecond, int burst) {
    long each = SECOND / perSecond;
    long empty = each * burst;
    // Not more than empty, whatever it was when the limits were others.
    long missing = Math.clamp(fullAt - now, 0, empty);
    long wait = missing + each - empty;
    if (wait > 0) {
      return wait;
    }
    fullAt = now + missing + each;
    return 0;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // A scope is one object for as long as anybody has it.
  public boolean equals(@Nullable Object other) {
    return other instanceof Client client && client.network == network && client.scope == scope;
  }

  @Override
  public int hashCode() {
    long bits = network ^ SEED;
    bits = (bits ^ bits >>> 33) * 0xFF51AFD7ED558CCDL;
    bits = (bits ^ bits >>> 33 ^ scope.number) * 0xC4CEB9FE1A85EC53L;
    return (int) (bits ^ bits >>> 33);
  }

  @Override
  public int compareTo(Client other) {
    int byNetwork = Long.compareUnsigned(network, other.network);
    return byNetwork != 0 ? byNetwork : Long.compare(scope.number, other.scope.number);
  }
}
