package dev.longshore.process.watch;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what has to go on in a process, and what of it doesn't: dead, stuck, or out of memory. A
 * process that has a trouble is not live, so that somebody restarts it; nothing here ends it.
 *
 * <p>One thread looks about once a second, and asks loops for an answer. Should even that thread
 * end, this is a trouble too. Thread-safe.
 */
public final class Watch implements AutoCloseable {
  /** After this time without an answer, or at one small piece of work, a part is stuck. */
  public static final Duration STUCK = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
  private static final long PERIOD_MILLIS = 1000;
  private static final long OFTEN_MILLIS = 5;

  private final Map<String, Part> parts = new ConcurrentSkipListMap<>();
  private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();
  private final LongSupplier clock;
  private final List<Sustained> conditions;
  private final Part own;
  private final Thread thread;
  private volatile boolean outOfMemory;
  private volatile boolean closed;

  /** Begins to watch this process: its heap and direct memory, and what is made a part of it. */
  public Watch() {
    this(System::nanoTime, List.of(new Heap()::full, DirectMemory::exhausted), PERIOD_MILLIS);
  }

  /**
   * Begins to watch by another clock, which tests turn on; often, and neither heap nor direct
   * memory.
   *
   * @param clock in nanoseconds, as {@link System#nanoTime}; any thread
   */
  public static Watch by(LongSupplier clock) {
    return new Watch(clock, List.of(), OFTEN_MILLIS);
  }

  Watch(LongSupplier clock, List<Condition> conditions, long periodMillis) {
    this.clock = clock;
    this.conditions = conditions.stream().map(each -> new Sustained(each, clock)).toList();
    this.own = part("watch");
    this.thread =
        Thread.ofPlatform().name("longshore-watch").daemon().start(() -> run(periodMillis));
    own.runsOn(thread);
  }

  /** Something of the process that must not last. */
  @FunctionalInterface
  interface Condition {
    /** What is wrong now; null: nothing. On the watch's thread. */
    @Nullable String trouble();
  }

  /** The part of that name, made when it is first asked for. Names are labels: only a few. */
  public Part part(String name) {
    Part known = parts.get(name);
    if (known == null) {
      known = new Part(name, clock, () -> outOfMemory = true);
      Part other = parts.putIfAbsent(name, known);
      if (other != null) {
        return other;
      }
      for (MeterRegistry registry : registries) {
        register(known, registry);
      }
    }
    return known;
  }

  /**
   * How long a piece of work may take that goes over so many entries of a configuration: {@link
   * #STUCK} and a millisecond for each, which is twenty times what it takes.
   */
  public static Duration patience(long entries) {
    return STUCK.plusMillis(entries);
  }

  /** What is wrong now, in words; empty: nothing. */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    if (closed) {
      return troubles;
    }
    if (outOfMemory) {
      troubles.add("out of memory: something failed for want of heap, and may be half done");
    }
    for (Sustained condition : conditions) {
      String trouble = condition.trouble();
      if (trouble != null) {
        troubles.add(trouble);
      }
    }
    parts.values().stream().map(Part::trouble).filter(Objects::nonNull).forEach(troubles::add);
    return troubles;
  }

  /**
   * Something failed on a thread where nobody caught it. Logged and counted; for {@link
   * Thread#setDefaultUncaughtExceptionHandler}.
   */
  public void uncaught(Thread where, Throwable cause) {
    part("uncaught").fault("thread " + where.getName() + " fails and ends", cause);
  }

  /** Shows the parts, those to come too. */
  public void bindTo(MeterRegistry registry) {
    registries.add(registry);
    Gauge.builder("longshore.watch.failing.parts", this, watch -> watch.troubles().size())
        .description("What is dead, stuck or out of memory now; above 0 the process is not live")
        .register(registry);
    parts.values().forEach(part -> register(part, registry));
  }

  private static void register(Part part, MeterRegistry registry) {
    Gauge.builder("longshore.watch.failing", part, p -> p.trouble() == null ? 0 : 1)
        .description("1 while a part of the process is dead or stuck")
        .tag("part", part.name())
        .register(registry);
    FunctionCounter.builder("longshore.watch.faults", part, Part::faults)
        .description("Failures that were caught, so that the part goes on")
        .tag("part", part.name())
        .register(registry);
  }

  /** Ends the watch: nothing is a trouble any more. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  /** Heap, not direct memory: of that a buffer's owner gives back what others need. */
  static boolean isHeapExhausted(Throwable cause) {
    Throwable each = cause;
    for (int depth = 0; each != null && depth < 16; depth++) {
      if (each instanceof OutOfMemoryError && !(each instanceof OutOfDirectMemoryError)) {
        String message = each.getMessage();
        return message == null || !message.contains("direct buffer memory");
      }
      each = each.getCause();
    }
    return false;
  }

  private void run(long periodMillis) {
    while (!closed) {
      own.begin();
      try {
        look();
      } catch (RuntimeException | Error e) {
        own.fault("a look fails", e);
      }
      try {
        Thread.sleep(periodMillis);
      } catch (InterruptedException e) {
        if (closed) {
          return;
        }
        LOG.debug("the watch is interrupted, and goes on");
      }
    }
  }

  private void look() {
    conditions.forEach(Sustained::look);
    parts.values().forEach(Part::ask);
  }
}
