package dev.longshore.operator.push;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which data planes there are, by channel and by name, and which there were lately. For the push
 * server's thread, but for {@link #states()}.
 */
final class Sessions {
  /** How long a data plane that went may come back. */
  private static final long REMEMBERED_NANOS = Duration.ofMinutes(10).toNanos();

  private final Ticker ticker;
  private final Map<DataPlaneChannel, Session> byChannel = new IdentityHashMap<>();
  private final Map<String, Session> byNode = new HashMap<>();

  /** When nodes went, by the ticker. */
  private final Map<String, Long> gone = new HashMap<>();

  /** Written by the thread, read by any. */
  private final Map<String, DataPlaneState> states = new ConcurrentHashMap<>();

  /**
   * There are none.
   *
   * @param ticker tells how long ago one went
   */
  Sessions(Ticker ticker) {
    this.ticker = ticker;
  }

  void add(Session session) {
    byChannel.put(session.channel, session);
    byNode.put(session.hello.node(), session);
    gone.remove(session.hello.node());
  }

  /**
   * It is no more, and nothing of it is waited for.
   *
   * @return whether its node is gone with it: no other channel stands for it
   */
  boolean remove(Session session) {
    byChannel.remove(session.channel);
    session.inFlight = null;
    session.waits = false;
    String node = session.hello.node();
    if (!byNode.remove(node, session)) {
      return false;
    }
    states.remove(node);
    gone.put(node, ticker.nanoTime());
    return true;
  }

  @Nullable Session of(DataPlaneChannel channel) {
    return byChannel.get(channel);
  }

  @Nullable Session of(String node) {
    return byNode.get(node);
  }

  boolean has(Session session) {
    return byChannel.get(session.channel) == session;
  }

  int size() {
    return byChannel.size();
  }

  /** All of them, a copy: what is done with one may remove another. */
  List<Session> all() {
    return List.copyOf(byChannel.values());
  }

  /** The nodes that are there. */
  Set<String> nodes() {
    return byNode.keySet();
  }

  /**
   * Forgets those who went so long ago that they won't come back.
   *
   * @return those who are there or may come back; null: nobody was forgotten
   */
  @Nullable Set<String> forget(long now) {
    if (!gone.values().removeIf(since -> now - since > REMEMBERED_NANOS)) {
      return null;
    }
    Set<String> left = new HashSet<>(byNode.keySet());
    left.addAll(gone.keySet());
    return left;
  }

  /** Something that others may know of it has changed. */
  void changed(Session session) {
    if (byNode.get(session.hello.node()) == session) {
      states.put(session.hello.node(), session.state());
    }
  }

  /** By node, as they are now. Any thread. */
  Map<String, DataPlaneState> states() {
    return states;
  }
}
