package dev.longshore.operator.push;

import dev.longshore.process.watch.Part;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Tells listeners what happens to data planes; one that fails keeps nothing from the others. */
final class DataPlaneNews {
  private final List<DataPlaneListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Part part = Part.unwatched("push");

  /** Any thread. */
  void addListener(DataPlaneListener listener) {
    listeners.add(listener);
  }

  /** Has it told if a listener fails. */
  void watch(Part watched) {
    part = watched;
  }

  /** On the push server's thread. */
  void tell(Consumer<DataPlaneListener> news) {
    for (DataPlaneListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException | Error e) {
        part.fault("a listener of data planes fails", e);
      }
    }
  }
}
