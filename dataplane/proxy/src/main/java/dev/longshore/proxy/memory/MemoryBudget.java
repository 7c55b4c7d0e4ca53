package dev.longshore.proxy.memory;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.memory.Survey.Found;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.concurrent.Ticker;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what all connections together hold in network buffers below a bound. Beyond it those are
 * cut that hold the most, never the others, until it is kept again.
 *
 * <p>Nothing is counted per message or per connection. A thread ({@link MemoryWatch}) asks the
 * allocator again and again how much memory it has; only when that alone is more than the budget
 * are the event loops asked who holds how much. What the allocator has beyond what is held are free
 * parts of its chunks, which it uses again: so it may have more than the budget for long, and then
 * the loops are asked seldom. When free parts don't suffice and it comes close to all that the
 * process may have, the greediest are cut as well: an allocation that fails does more harm, for the
 * JVM sleeps up to half a second, on the event loop, before it fails.
 *
 * <p>All methods may be called from any thread but an event loop, figures from there too.
 */
public final class MemoryBudget {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryBudget.class);

  /** A loop that doesn't answer for so long is left out: it may be the one that is stuck. */
  private static final int ANSWER_MILLIS = 1_000;

  /** How long the loops are left in peace after a survey that found nobody to cut. */
  private static final long PEACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Unless the allocator has taken this part more of what lies between budget and limit. */
  private static final int PEACE_PARTS = 16;

  /** An episode is over when nobody had to be cut for so long. */
  private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Within the budget, nobody is cut who holds no more: it would hardly help. */
  static final int MODEST_BYTES = 16 * 1024;

  /** Part of the budget that is free after a cut, so that not each look cuts somebody. */
  private static final int SPARE_PARTS = 8;

  private final long budget;
  private final long critical;
  private final long limit;
  private final LongSupplier used;
  private final String what;
  private final Ticker ticker;
  private final Map<Holder.Kind, AtomicLong> cuts = new EnumMap<>(Holder.Kind.class);
  private final AtomicLong cutBytes = new AtomicLong();
  private volatile List<LoopHolders> loops = List.of();
  private volatile Part part = Part.unwatched("memory");

  /** No survey before this, unless the allocator has more than {@link #peaceUsed}. */
  private long peaceUntil;

  private long peaceUsed;

  /**
   * Nobody is cut within the budget unless the allocator has more than this: when it grows no
   * further, its free parts suffice, though it may not be able to give them back.
   */
  private long grownTo;

  private boolean episode;
  private long lastCut;
  private long cutsBefore;

  /**
   * A budget of what the allocator of this process has.
   *
   * @param bytes that may be held; 0: {@linkplain #defaultBytes() the default}
   * @param ticker by which the loops are left in peace
   */
  public MemoryBudget(long bytes, Ticker ticker) {
    this(
        bytes == 0 ? defaultBytes() : bytes,
        PlatformDependent.maxDirectMemory(),
        usedBy(ByteBufAllocator.DEFAULT),
        "network buffers",
        ticker);
  }

  /** A budget of what request heads take of the heap. */
  public static MemoryBudget ofHeads(HeadMemory heads, Ticker ticker) {
    long most = HeadMemory.budget(Runtime.getRuntime().maxMemory());
    return new MemoryBudget(most, most, heads::bytes, "request heads", ticker);
  }

  /**
   * A budget of what {@code used} says.
   *
   * @param bytes that may be held
   * @param limit that the process may have
   * @param what it is, in words and the plural
   * @param ticker by which the loops are left in peace
   */
  MemoryBudget(long bytes, long limit, LongSupplier used, String what, Ticker ticker) {
    this.ticker = ticker;
    this.peaceUntil = ticker.nanoTime();
    this.what = what;
    this.budget = bytes;
    this.limit = Math.max(limit, bytes);
    this.critical = bytes + (this.limit - bytes) / 2;
    this.grownTo = critical;
    this.used = used;
    for (Holder.Kind kind : Holder.Kind.values()) {
      cuts.put(kind, new AtomicLong());
    }
  }

  /**
   * Half of the memory outside the heap that the JVM lets this process have ({@code
   * -XX:MaxDirectMemorySize}, by default as much as the heap): the allocator needs the other half
   * for what it can't use at the moment.
   */
  public static long defaultBytes() {
    return PlatformDependent.maxDirectMemory() / 2;
  }

  private static LongSupplier usedBy(ByteBufAllocator allocator) {
    return allocator instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric()::usedDirectMemory
        : PlatformDependent::usedDirectMemory;
  }

  /**
   * Whose connections it is about; before the first look.
   *
   * @param watched hears of what goes wrong on the loops
   */
  public void over(List<? extends LoopHolders> all, Part watched) {
    part = watched;
    loops = List.copyOf(all);
  }

  /** Looks once, and cuts whom it must. */
  void look() throws InterruptedException {
    long taken = used.getAsLong();
    long now = ticker.nanoTime();
    if (taken < critical) {
      grownTo = critical;
    }
    if (taken > budget && (now - peaceUntil >= 0 || taken > peaceUsed)) {
      List<Survey> surveys = surveys();
      long held = surveys.stream().mapToLong(Survey::bytes).sum();
      long excess = held - budget;
      long modest = 0;
      if (excess <= 0 && taken > grownTo) {
        excess = Math.min(taken - critical, held / 2);
        modest = MODEST_BYTES;
        grownTo = taken;
      }
      List<Found> greedy =
          excess > 0 ? greediest(surveys, excess + budget / SPARE_PARTS, modest) : List.of();
      if (greedy.isEmpty()) {
        peaceUntil = now + PEACE_NANOS;
        peaceUsed = taken + (limit - budget) / PEACE_PARTS;
      } else {
        begin(taken, held);
        cut(greedy);
        lastCut = ticker.nanoTime();
      }
    }
    if (episode && ticker.nanoTime() - lastCut > CALM_NANOS) {
      episode = false;
      LOG.info("{} are within their budget again; {} were cut", what, cuts() - cutsBefore);
    }
  }

  private List<Survey> surveys() throws InterruptedException {
    List<CompletableFuture<Survey>> asked = new ArrayList<>();
    for (LoopHolders loop : loops) {
      try {
        asked.add(CompletableFuture.supplyAsync(() -> Survey.of(loop, part), loop.loop()));
      } catch (RejectedExecutionException e) {
        // It has ended, and its connections with it.
      }
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_MILLIS);
    List<Survey> surveys = new ArrayList<>();
    for (CompletableFuture<Survey> each : asked) {
      try {
        surveys.add(each.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        each.cancel(false);
      } catch (ExecutionException e) {
        part.fault("who holds how much can't be found out", e);
      }
    }
    return surveys;
  }

  /** Those that hold so many bytes together, each more than is modest, the greediest first. */
  private static List<Found> greediest(List<Survey> surveys, long bytes, long modest) {
    List<Found> all = new ArrayList<>();
    surveys.forEach(survey -> all.addAll(survey.greediest()));
    all.sort(Comparator.comparingLong(Found::bytes).reversed());
    long sum = 0;
    int count = 0;
    while (count < all.size() && sum < bytes && all.get(count).bytes() > modest) {
      sum += all.get(count).bytes();
      count++;
    }
    return all.subList(0, count);
  }

  private void begin(long taken, long held) {
    if (!episode) {
      episode = true;
      cutsBefore = cuts();
      LOG.warn(
          "{} are beyond their budget of {} bytes: connections hold {}, of {} that are taken and {}"
              + " that may be; those that hold most are cut",
          what,
          budget,
          held,
          taken,
          limit);
    }
  }

  private void cut(List<Found> greedy) throws InterruptedException {
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    for (Found each : greedy) {
      try {
        Runnable cut =
            part.guarded("a connection that holds too much can't be cut", () -> cut(each));
        asked.add(CompletableFuture.runAsync(cut, each.loop().loop()));
      } catch (RejectedExecutionException e) {
        // It has ended, and its connections with it.
      }
    }
    try {
      // So that the next survey finds what is left.
      CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
          .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // Done when the loop comes to it.
    } catch (ExecutionException e) {
      LOG.debug("what fails is caught on its loop", e);
    }
  }

  /** On the loop. Spares who has got rid of it in the meantime. */
  private void cut(Found found) {
    Holder holder = found.holder();
    long held = holder.heldBytes();
    if (held >= found.bytes() / 2) {
      holder.shed();
      cutBytes.addAndGet(held);
      cuts(holder.kind()).incrementAndGet();
    }
  }

  private AtomicLong cuts(Holder.Kind kind) {
    AtomicLong count = cuts.get(kind);
    if (count == null) {
      throw new IllegalStateException("every kind has a count");
    }
    return count;
  }

  private long cuts() {
    return cuts.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** The budget, in bytes. */
  public long bytes() {
    return budget;
  }

  /** Holders of a kind that were ever cut. */
  public long cut(Holder.Kind kind) {
    return cuts(kind).get();
  }

  /** Bytes that all who were ever cut held. */
  public long cutBytes() {
    return cutBytes.get();
  }
}
