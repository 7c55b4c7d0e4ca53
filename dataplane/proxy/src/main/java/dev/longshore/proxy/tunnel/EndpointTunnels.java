package dev.longshore.proxy.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open tunnels of one endpoint on one event loop, the oldest first, linked through their own
 * fields: 12 bytes a tunnel. One that is ending is not among them any more. Changed by its loop
 * alone; the size is read from anywhere, and then possibly a little old.
 */
final class EndpointTunnels {
  private @Nullable LongLivedConnection oldest;
  private @Nullable LongLivedConnection youngest;
  private volatile int size;

  void add(LongLivedConnection tunnel) {
    LongLivedConnection last = youngest;
    tunnel.older = last;
    if (last == null) {
      oldest = tunnel;
    } else {
      last.younger = tunnel;
    }
    youngest = tunnel;
    setSize(size + 1);
  }

  void remove(LongLivedConnection tunnel) {
    LongLivedConnection older = tunnel.older;
    LongLivedConnection younger = tunnel.younger;
    if (older == null) {
      oldest = younger;
    } else {
      older.younger = younger;
    }
    if (younger == null) {
      youngest = older;
    } else {
      younger.older = older;
    }
    tunnel.older = null;
    tunnel.younger = null;
    setSize(size - 1);
  }

  private void setSize(int value) {
    size = value;
  }

  int size() {
    return size;
  }

  /** The oldest ones, so that they can be closed one after the other. */
  List<LongLivedConnection> oldest(int most) {
    List<LongLivedConnection> found = new ArrayList<>(Math.min(most, size));
    for (LongLivedConnection next = oldest;
        next != null && found.size() < most;
        next = next.younger) {
      found.add(next);
    }
    return found;
  }
}
