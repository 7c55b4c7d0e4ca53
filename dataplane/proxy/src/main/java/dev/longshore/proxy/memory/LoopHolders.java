package dev.longshore.proxy.memory;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** All holders of one event loop. */
public interface LoopHolders {
  /** The loop. */
  Executor loop();

  /** Shows each of them; on the loop. The consumer changes nothing. */
  void forEach(Consumer<Holder> consumer);
}
