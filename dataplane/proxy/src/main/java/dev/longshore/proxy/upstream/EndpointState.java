package dev.longshore.proxy.upstream;

import dev.longshore.contract.Endpoint;
import io.netty.util.concurrent.Ticker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the data plane knows of one endpoint of one pool. It stays the same object as long as the
 * pool has the endpoint, whatever snapshots come, so its counts go on. Any thread may use it.
 */
public final class EndpointState {
  private static final VarHandle OPEN;
  private static final VarHandle FAILURES;

  static {
    try {
      OPEN = MethodHandles.lookup().findVarHandle(EndpointState.class, "open", int.class);
      FAILURES = MethodHandles.lookup().findVarHandle(EndpointState.class, "failures", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Ticker ticker;
  private final String address;
  private final InetSocketAddress socketAddress;
  private final long hash;
  private volatile boolean draining;
  private volatile long knownSince;

  @SuppressWarnings("unused") // Written through OPEN.
  private volatile int open;

  @SuppressWarnings("unused") // Written through FAILURES.
  private volatile int failures;

  // Written under the lock of its pool.
  private volatile boolean ejected;
  private volatile long ejectedUntil;
  private volatile boolean unhealthy;

  private volatile @Nullable LastFailure lastFailure;
  private volatile @Nullable Witnesses witnesses;

  /**
   * Somebody nothing is known of yet.
   *
   * @param knownSince when it came to the pool
   * @param ticker by which that is
   */
  EndpointState(Endpoint endpoint, long knownSince, Ticker ticker) {
    this.ticker = ticker;
    this.address = endpoint.address();
    // A literal: nothing is resolved.
    this.socketAddress =
        new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port());
    this.hash = hash(socketAddress);
    this.draining = endpoint.state() == Endpoint.State.DRAINING;
    this.knownSince = knownSince;
  }

  /** The same for every spelling of an address. */
  private static long hash(InetSocketAddress socketAddress) {
    byte[] address = socketAddress.getAddress().getAddress();
    return StableHash.of(
        ByteBuffer.allocate(address.length + Character.BYTES)
            .put(address)
            .putChar((char) socketAddress.getPort())
            .array());
  }

  /** The IP literal, as the snapshot has it. */
  public String address() {
    return address;
  }

  /** 1 to 65535. */
  public int port() {
    return socketAddress.getPort();
  }

  /** What to dial. */
  public InetSocketAddress socketAddress() {
    return socketAddress;
  }

  /** Whether it keeps what it has and gets nothing new. */
  public boolean draining() {
    return draining;
  }

  /** Counts a connection, before it is dialled, so that a burst spreads. */
  void acquire() {
    OPEN.getAndAdd(this, 1);
  }

  /**
   * Counts a connection unless there are {@code most} or more, as one step: however many threads
   * come at once, no more than {@code most} get one.
   */
  boolean tryAcquire(int most) {
    if (most == Integer.MAX_VALUE) {
      acquire();
      return true;
    }
    int now = open();
    while (now < most) {
      int seen = (int) OPEN.compareAndExchange(this, now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /** Takes back one count: the connection failed or ended. */
  public void release() {
    int before = (int) OPEN.getAndAdd(this, -1);
    if (before <= 0) {
      OPEN.getAndAdd(this, 1);
      throw new IllegalStateException("released more often than acquired: " + this);
    }
  }

  /** Connections being dialled or open now. */
  public int open() {
    return (int) OPEN.getOpaque(this);
  }

  /** {@link StableHash} of its address and port, the same on every data plane. */
  long hash() {
    return hash;
  }

  /**
   * Whether nothing speaks against new connections to it: neither failures of late, nor probes. Of
   * a pool without health checks everybody is healthy.
   */
  public boolean healthy() {
    return health() == EndpointHealth.HEALTHY;
  }

  /** The same, and which of the two; ejection first. */
  public EndpointHealth health() {
    if (ejected && ticker.nanoTime() - ejectedUntil < 0) {
      return EndpointHealth.EJECTED;
    }
    return unhealthy ? EndpointHealth.UNHEALTHY : EndpointHealth.HEALTHY;
  }

  /** What last went wrong with it, whether or not the pool has health checks; null: nothing yet. */
  public @Nullable LastFailure lastFailure() {
    return lastFailure;
  }

  void failed(String what) {
    lastFailure = new LastFailure(what, Instant.now());
  }

  /**
   * Counts a failure that was the endpoint's own doing: how many were so since the last success.
   */
  int countFailure() {
    int before = (int) FAILURES.getAndAdd(this, 1);
    if (before == Integer.MAX_VALUE) {
      FAILURES.setOpaque(this, before);
      return before;
    }
    return before + 1;
  }

  /** How many failures are counted, without those that clients witnessed. */
  int failures() {
    return (int) FAILURES.getOpaque(this);
  }

  /** Those who saw it fail in ways that a client can bring about; made when the first one does. */
  Witnesses witnesses() {
    Witnesses known = witnesses;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      known = witnesses;
      if (known == null) {
        known = new Witnesses();
        witnesses = known;
      }
      return known;
    }
  }

  /** How many of them there are. */
  int witnessed(long nanoTime) {
    Witnesses known = witnesses;
    return known == null ? 0 : known.count(nanoTime);
  }

  /** Begins to count from none. Mostly it is none already, and nothing is written. */
  void forgetFailures() {
    if (failures() != 0) {
      FAILURES.setOpaque(this, 0);
    }
    if (witnesses != null) {
      synchronized (this) {
        witnesses = null;
      }
    }
  }

  /** Until somebody has looked at the time, it may be over. */
  boolean ejected() {
    return ejected;
  }

  /** Nanoseconds by its ticker; of no meaning unless {@link #ejected()}. */
  long ejectedUntil() {
    return ejectedUntil;
  }

  void eject(long untilNanos) {
    ejectedUntil = untilNanos;
    ejected = true;
  }

  /** Its failures are still counted on: it has to show first that it is better. */
  void readmit() {
    ejected = false;
  }

  /** By probes. */
  boolean unhealthy() {
    return unhealthy;
  }

  void unhealthy(boolean now) {
    unhealthy = now;
  }

  void draining(boolean now) {
    draining = now;
  }

  /** Nanoseconds by its ticker when it came to the pool; slow start counts from it. */
  long knownSince() {
    return knownSince;
  }

  void knownSince(long nanoTime) {
    knownSince = nanoTime;
  }

  /** {@code address:port}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return address.indexOf(':') < 0 ? address + ":" + port() : "[" + address + "]:" + port();
  }
}
