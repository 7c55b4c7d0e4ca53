package dev.longshore.proxy.upstream;

import dev.longshore.contract.Endpoint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What the data plane knows of one endpoint of one pool. It stays the same object as long as the
 * pool has the endpoint, whatever snapshots come, so its counts go on. Any thread may use it.
 */
public final class EndpointState {
  private static final VarHandle OPEN;

  static {
    try {
      OPEN = MethodHandles.lookup().findVarHandle(EndpointState.class, "open", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String address;
  private final InetSocketAddress socketAddress;
  private volatile boolean draining;
  private volatile long knownSince;

  @SuppressWarnings("unused") // Written through OPEN.
  private volatile int open;

  EndpointState(Endpoint endpoint, long knownSince) {
    this.address = endpoint.address();
    // A literal: nothing is resolved.
    this.socketAddress =
        new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port());
    this.draining = endpoint.state() == Endpoint.State.DRAINING;
    this.knownSince = knownSince;
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

  /** Whether nothing is known against it. */
  public boolean healthy() {
    return true;
  }

  /** Counts a connection, before it is dialled, so that a burst spreads. */
  public void acquire() {
    OPEN.getAndAdd(this, 1);
  }

  /** Takes back one {@link #acquire()}: the connection failed or ended. */
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

  void draining(boolean now) {
    draining = now;
  }

  /**
   * Nanoseconds by {@link System#nanoTime()} when it came to the pool; slow start counts from it.
   */
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
