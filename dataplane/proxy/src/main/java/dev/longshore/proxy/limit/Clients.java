package dev.longshore.proxy.limit;

import dev.longshore.proxy.net.ClientNetwork;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the tunnels and handshakes of each client at each scope, in bounded memory. Who has no
 * tunnel and a full bucket is forgotten: at once where that comes of a tunnel's end, else by and by
 * as handshakes come, each of which looks at a few of those whose buckets are filling. While there
 * is no room, all clients that are not known yet count as one, at each scope.
 *
 * <p>Any thread may use it. What is known of a client is touched under the lock of its bin in the
 * map, for a few instructions.
 */
final class Clients {
  /** More than a handshake adds, so that the queue gets shorter. */
  private static final int LOOKS = 4;

  private final ConcurrentHashMap<Client, Client> all = new ConcurrentHashMap<>();
  private final Queue<Client> filling = new ConcurrentLinkedQueue<>();
  private final AtomicInteger tracked = new AtomicInteger();
  private final int most;
  private final Ticker ticker;

  /**
   * Knows nobody.
   *
   * @param most clients that are told apart
   */
  Clients(int most, Ticker ticker) {
    this.most = most;
    this.ticker = ticker;
  }

  /** How many are told apart now; those that share a count are none. */
  int tracked() {
    return tracked.get();
  }

  /**
   * Counts a handshake, and the tunnel that is to come of it if these are limited.
   *
   * @param limits of which one is on
   */
  Attempt admit(Scope scope, InetAddress address, PerClient limits) {
    long now = ticker.nanoTime();
    forgetSome(now);
    Attempt attempt = new Attempt(limits, now);
    all.compute(new Client(scope, ClientNetwork.of(address), now), attempt);
    if (attempt.noRoom) {
      all.compute(new Client(scope, ClientNetwork.NOBODY, now), attempt);
    }
    return attempt;
  }

  /** Counts a tunnel no more that {@link Attempt#counted} was of. */
  void release(Client client) {
    long now = ticker.nanoTime();
    all.computeIfPresent(
        client,
        (key, present) -> {
          present.closed();
          return kept(present, now);
        });
  }

  private void forgetSome(long now) {
    for (int i = 0; i < LOOKS; i++) {
      Client client = filling.poll();
      if (client == null) {
        return;
      }
      all.computeIfPresent(
          client, (key, present) -> present == client ? looked(client, now) : present);
    }
  }

  private @Nullable Client looked(Client client, long now) {
    client.filling = false;
    return kept(client, now);
  }

  /** The client if there is something to remember of it, else null. Under its lock. */
  private @Nullable Client kept(Client client, long now) {
    if (client.isIdle(now)) {
      if (!client.isEverybodyElse()) {
        tracked.decrementAndGet();
      }
      return null;
    }
    if (client.open() == 0 && !client.filling) {
      client.filling = true;
      filling.add(client);
    }
    return client;
  }

  private boolean reserve() {
    int now = tracked.get();
    while (now < most) {
      if (tracked.compareAndSet(now, now + 1)) {
        return true;
      }
      now = tracked.get();
    }
    return false;
  }

  /** One handshake and what became of it. */
  final class Attempt implements BiFunction<Client, @Nullable Client, @Nullable Client> {
    private final PerClient limits;
    private final long now;
    private boolean noRoom;

    /** What it exceeds; null: nothing. */
    @Nullable Limit exceeded;

    /** For {@link Limit#HANDSHAKES}: seconds until there is one in the bucket, rounded up. */
    int seconds;

    /** Who has a tunnel more now, to be {@linkplain #release released}; null: nobody. */
    @Nullable Client counted;

    private Attempt(PerClient limits, long now) {
      this.limits = limits;
      this.now = now;
    }

    @Override
    public @Nullable Client apply(Client key, @Nullable Client present) {
      noRoom = present == null && !key.isEverybodyElse() && !reserve();
      if (noRoom) {
        return null;
      }
      Client client = present == null ? key : present;
      decide(client);
      return kept(client, now);
    }

    private void decide(Client client) {
      if (limits.perSecond() > 0) {
        long wait = client.take(now, limits.perSecond(), limits.burst());
        if (wait > 0) {
          exceeded = Limit.HANDSHAKES;
          seconds = seconds(wait);
          return;
        }
      }
      if (limits.open() > 0) {
        if (client.open() >= limits.open()) {
          exceeded = Limit.CONNECTIONS_PER_CLIENT;
        } else {
          client.opened();
          counted = client;
        }
      }
    }

    private static int seconds(long nanos) {
      long second = TimeUnit.SECONDS.toNanos(1);
      return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(nanos, second));
    }
  }
}
