package dev.longshore.proxy.http;

import dev.longshore.proxy.memory.Holder;

/** A client's connection that speaks HTTP, as its event loop looks after it. On that loop. */
public interface ServedConnection extends Holder {
  /** It, or its listener, goes away: closes if nothing is going on. */
  void drain();

  /** Whether it was accepted by this listener. */
  boolean cameBy(ClientListener listener);

  /** Closes at once, whatever is going on. */
  void closeNow();
}
