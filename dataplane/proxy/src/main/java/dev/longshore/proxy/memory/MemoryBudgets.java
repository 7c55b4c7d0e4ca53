package dev.longshore.proxy.memory;

import dev.longshore.process.watch.Part;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.util.concurrent.Ticker;
import java.util.List;

/** The budgets of a process: of network buffers, and of the heads that open tunnels keep. */
public final class MemoryBudgets implements AutoCloseable {
  private final HeadMemory heads = new HeadMemory();
  private final MemoryBudget buffers;
  private final MemoryBudget ofHeads;
  private final MemoryWatch watch;
  private final Part part;

  /**
   * Nothing is bounded before {@link #start}.
   *
   * @param bytes of network buffers
   * @param part of the watch; hears of what fails
   * @param ticker by which they are looked at
   */
  public MemoryBudgets(long bytes, Part part, Ticker ticker) {
    this.part = part;
    this.buffers = new MemoryBudget(bytes, ticker);
    this.ofHeads = MemoryBudget.ofHeads(heads, ticker);
    this.watch = new MemoryWatch(part, buffers, ofHeads);
  }

  /** What is held of heads. */
  public HeadMemory heads() {
    return heads;
  }

  /** What is held, and what has to let go. */
  public List<MeterBinder> meters() {
    return List.of(new BufferMeters(buffers), new HeadMeters(heads, ofHeads));
  }

  /**
   * Begins to look after both. Once.
   *
   * @param holders who holds what, by event loop
   */
  public void start(List<LoopHolders> holders) {
    buffers.over(holders, part);
    ofHeads.over(holders.stream().map(HeadMemory::heads).toList(), part);
    watch.start();
  }

  @Override
  public void close() {
    watch.close();
  }
}
