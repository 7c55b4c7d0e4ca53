package dev.longshore.proxy.memory;

import dev.longshore.process.watch.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** What the holders of one event loop hold together, and who holds the most of it. */
final class Survey implements Consumer<Holder> {
  /** Of one loop at a time. Whoever is next is found by the next survey. */
  private static final int MOST = 1024;

  /**
   * One holder as it was found.
   *
   * @param holder for its own loop only
   * @param bytes that it held then
   */
  record Found(LoopHolders loop, Holder holder, long bytes) {}

  private final LoopHolders loop;
  private final Part part;
  private final PriorityQueue<Found> greediest =
      new PriorityQueue<>(Comparator.comparingLong(Found::bytes));
  private long bytes;

  private Survey(LoopHolders loop, Part part) {
    this.loop = loop;
    this.part = part;
  }

  /**
   * Looks at every holder of a loop; on that loop.
   *
   * @param part hears of one that can't be looked at, and is left out
   */
  static Survey of(LoopHolders loop, Part part) {
    Survey survey = new Survey(loop, part);
    loop.forEach(survey);
    return survey;
  }

  @Override
  public void accept(Holder holder) {
    try {
      count(holder);
    } catch (RuntimeException | Error e) {
      // Else all others of its loop would be out of the budget's sight.
      part.fault("what a connection holds can't be told", e);
    }
  }

  private void count(Holder holder) {
    long held = holder.heldBytes();
    bytes += held;
    if (held == 0) {
      return;
    }
    Found least = greediest.size() < MOST ? null : greediest.peek();
    if (least != null && least.bytes < held) {
      greediest.poll();
      least = null;
    }
    if (least == null) {
      greediest.add(new Found(loop, holder, held));
    }
  }

  /** What all of them hold. */
  long bytes() {
    return bytes;
  }

  /** The greediest of them, in no order. */
  List<Found> greediest() {
    return new ArrayList<>(greediest);
  }
}
