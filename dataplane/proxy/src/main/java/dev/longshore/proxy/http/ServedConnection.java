package dev.longshore.proxy.http;

import dev.longshore.proxy.memory.Holder;

/** A client's connection that speaks HTTP, as its event loop looks after it. On that loop. */
public interface ServedConnection extends Holder {
  /** The process goes away: closes if nothing is going on. */
  void drain();

  /** Closes at once, whatever is going on. */
  void closeNow();
}
