package dev.longshore.proxy.limit;

import dev.longshore.proxy.net.ClientNetwork;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many client connections a process has, in all and of one client, whatever they are doing: in
 * the TLS handshake, between two requests, in a tunnel. So that each of them can have an upstream
 * connection and there are descriptors left for everything else.
 *
 * <p>When there is no room for another one, the one that has waited longest for a request goes: a
 * slow handshake, a slow header block, an idle keep-alive connection; of one client, when it is the
 * client that has too many. Only when all are busy nobody new is let in. Any thread may use it.
 */
public final class Connections {
  /** A client that has nearly all connections is among the first so many, if any of it waits. */
  private static final int LOOKS = 256;

  private final int most;
  private final int mostPerClient;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<Long, Integer> clients = new ConcurrentHashMap<>();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong refusedOfClient = new AtomicLong();
  private final AtomicLong displaced = new AtomicLong();
  private final AtomicLong acceptFailures = new AtomicLong();

  /** The waiting ones, the longest first, linked through themselves; guarded by this. */
  private @Nullable ClientSlot first;

  private @Nullable ClientSlot last;

  /**
   * Nobody is connected.
   *
   * @param most connections; 0: any number
   * @param mostPerClient connections of one client, an IPv4 address or an IPv6 /64; 0: any number
   */
  public Connections(int most, int mostPerClient) {
    this.most = most;
    this.mostPerClient = mostPerClient;
  }

  /**
   * Counts a connection that was accepted, if there is room or somebody can make some.
   *
   * @return false: it is to be closed. True: a {@link ClientSlot} is to be made for it
   */
  public boolean accept() {
    int now = open.incrementAndGet();
    if (most == 0 || now <= most || displaceOne()) {
      return true;
    }
    open.decrementAndGet();
    refused.incrementAndGet();
    return false;
  }

  private boolean displaceOne() {
    ClientSlot longest;
    synchronized (this) {
      longest = first;
      if (longest == null) {
        return false;
      }
      displace(longest);
    }
    return true;
  }

  /** Has a client make room for itself, if one of its connections is among the first that wait. */
  private synchronized boolean displaceOneOf(ClientSlot newcomer) {
    ClientSlot each = first;
    for (int i = 0; i < LOOKS && each != null; i++) {
      if (each != newcomer && each.claimed && each.network == newcomer.network) {
        displace(each);
        return true;
      }
      each = each.next;
    }
    return false;
  }

  private void displace(ClientSlot slot) {
    unlink(slot);
    slot.displaced = true;
    slot.displace();
    displaced.incrementAndGet();
  }

  /** The place of a connection that was let in, until it is closed; it waits for a request. */
  public ClientSlot enter(Channel channel) {
    ClientSlot slot = new ClientSlot(this, channel);
    channel.closeFuture().addListener(slot);
    waiting(slot);
    return slot;
  }

  synchronized void waiting(ClientSlot slot) {
    if (slot.linked || slot.closed) {
      return;
    }
    slot.linked = true;
    slot.previous = last;
    if (last == null) {
      first = slot;
    } else {
      last.next = slot;
    }
    last = slot;
  }

  /** False: it was displaced, and nothing can be done about it any more. */
  synchronized boolean busy(ClientSlot slot) {
    unlink(slot);
    return !slot.displaced;
  }

  private void unlink(ClientSlot slot) {
    if (!slot.linked) {
      return;
    }
    ClientSlot before = slot.previous;
    ClientSlot after = slot.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    slot.previous = null;
    slot.next = null;
    slot.linked = false;
  }

  /** Counts a connection for its client; false: it has too many. */
  boolean claim(ClientSlot slot, InetAddress client) {
    if (mostPerClient == 0) {
      return true;
    }
    long network = ClientNetwork.of(client);
    int count = clients.merge(network, 1, Integer::sum);
    synchronized (this) {
      slot.claimed = true;
      slot.network = network;
    }
    if (count > mostPerClient && !displaceOneOf(slot)) {
      refusedOfClient.incrementAndGet();
      return false;
    }
    return true;
  }

  /** Counts a stream like a connection of its own, for it may need as much; false: no room. */
  boolean acceptStream(ClientSlot of) {
    if (!accept()) {
      return false;
    }
    if (!of.claimed) {
      return true;
    }
    int count = clients.merge(of.network, 1, Integer::sum);
    if (count > mostPerClient && !displaceOneOf(of)) {
      streamClosed(of);
      refusedOfClient.incrementAndGet();
      return false;
    }
    return true;
  }

  void streamClosed(ClientSlot of) {
    if (of.claimed) {
      clients.computeIfPresent(of.network, (_, count) -> count > 1 ? count - 1 : null);
    }
    open.decrementAndGet();
  }

  void closed(ClientSlot slot) {
    synchronized (this) {
      unlink(slot);
      slot.closed = true;
    }
    if (slot.claimed) {
      clients.computeIfPresent(slot.network, (_, count) -> count > 1 ? count - 1 : null);
    }
    open.decrementAndGet();
  }

  /** A connection could not even be accepted, for want of a descriptor. */
  public void acceptFailed() {
    acceptFailures.incrementAndGet();
  }

  /** How many there may be; 0: any number. */
  public int most() {
    return most;
  }

  /** How many there are, with all streams but the first of each. */
  public int open() {
    return open.get();
  }

  /** How many were closed at once because there were too many. */
  public long refused() {
    return refused.get();
  }

  /** How many were closed at once because there were too many of their client. */
  public long refusedOfClient() {
    return refusedOfClient.get();
  }

  /** How many had to make room while they waited for a request. */
  public long displaced() {
    return displaced.get();
  }

  /** How often none could be accepted, for want of a descriptor. */
  public long acceptFailures() {
    return acceptFailures.get();
  }
}
