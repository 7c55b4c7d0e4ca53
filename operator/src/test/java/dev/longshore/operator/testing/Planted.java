package dev.longshore.operator.testing;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A task of a test that is run once, by whatever comes to it. */
public final class Planted {
  private final AtomicReference<@Nullable Runnable> task = new AtomicReference<>();

  /** In place of one that was not run yet. */
  public void set(Runnable next) {
    task.set(next);
  }

  /** Where it is planted. */
  public void run() {
    Runnable present = task.getAndSet(null);
    if (present != null) {
      present.run();
    }
  }
}
