package dev.longshore.proxy.memory;

import dev.longshore.contract.HardLimits;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * What the heads of requests take of the heap, over all event loops: those that are being read,
 * those of requests under way, and what tunnels keep of theirs. A short one is part of what every
 * connection is reckoned with (see {@code ProcessBounds}) and not counted, so that usual requests
 * cost nothing here; 10,000 of the longest would take all of a small heap.
 */
public final class HeadMemory {
  private final LongAdder bytes = new LongAdder();

  /** What is counted of a head that takes so many bytes of the heap. */
  public static long counted(long bytesOfHeap) {
    return Math.max(0, bytesOfHeap - HardLimits.SHORT_HEAD_BYTES);
  }

  /** So many counted bytes more, or less. Any thread; never blocks. */
  public void add(long change) {
    bytes.add(change);
  }

  /** All that is counted now. */
  public long bytes() {
    return bytes.sum();
  }

  /**
   * The budget: of the heap, the part that tables and what passes can spare.
   *
   * @param heap bytes that the process may have
   */
  public static long budget(long heap) {
    return heap / HardLimits.HEADS_PART_OF_HEAP;
  }

  /** Shows holders by what they have of it, instead of by network buffers. */
  public static LoopHolders heads(LoopHolders all) {
    return new LoopHolders() {
      @Override
      public Executor loop() {
        return all.loop();
      }

      @Override
      public void forEach(Consumer<Holder> consumer) {
        all.forEach(
            holder -> {
              if (holder.heldHeap() > 0) {
                consumer.accept(new OfHeads(holder));
              }
            });
      }
    };
  }

  private record OfHeads(Holder holder) implements Holder {
    @Override
    public Kind kind() {
      return holder.kind();
    }

    @Override
    public long heldBytes() {
      return holder.heldHeap();
    }

    @Override
    public void shed() {
      holder.shed();
    }
  }
}
