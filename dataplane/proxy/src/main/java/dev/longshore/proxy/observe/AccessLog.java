package dev.longshore.proxy.observe;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.tunnel.Tunnel;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line per request, and one per tunnel at its end. Event loops only put a record into a bounded
 * queue; a thread of its own writes. When the reader of the log is slower than the traffic, lines
 * are dropped and counted, never traffic held up.
 */
public final class AccessLog implements MeterBinder, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int BUFFER_BYTES = 64 * 1024;

  /** Longer ones are counted byte by byte. */
  private static final int USUAL_BYTES = 1024;

  private static final int FIRST_ERROR_STATUS = 400;
  private static final long AFTER_FAILURE_MILLIS = 1000;

  private sealed interface Entry permits OfRequest, OfTunnel, End {
    /** What is counted of the heap that it takes: what clients make longer than usual. */
    long counted();
  }

  private record OfRequest(RequestEntry request) implements Entry {
    @Override
    public long counted() {
      return beyondUsual(request.bytesOfHeap());
    }
  }

  private record OfTunnel(Tunnel tunnel, Instant end) implements Entry {
    @Override
    public long counted() {
      return beyondUsual(tunnel.context().bytesOfHeap());
    }
  }

  private record End() implements Entry {
    @Override
    public long counted() {
      return 0;
    }
  }

  /** Usual entries are bounded by how many there are, and cost no counting. */
  private static long beyondUsual(long bytes) {
    return bytes > USUAL_BYTES ? bytes : 0;
  }

  private final Supplier<Settings.AccessLog> mode;
  private final OutputStream out;
  private final AccessLogFormat format;
  private final BlockingQueue<Entry> queue =
      new ArrayBlockingQueue<>(HardLimits.ACCESS_LOG_ENTRIES);
  private final AtomicLong waiting = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private volatile Part part = Part.unwatched("access-log");

  // What follows is the writer's.
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private @Nullable AccessLines lines;

  /**
   * Starts the writer.
   *
   * @param out where the lines go; flushed whenever nothing waits, never closed
   * @param format for whom they are
   * @param mode asked for every entry, so that a change of settings counts at once
   */
  public AccessLog(OutputStream out, AccessLogFormat format, Supplier<Settings.AccessLog> mode) {
    this.format = format;
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.mode = mode;
    this.writer = Thread.ofPlatform().daemon().name("longshore-access-log").start(this::write);
  }

  /** Logs a request, if the mode says so. Any thread; never blocks. */
  public void request(RequestEntry request) {
    boolean wanted =
        switch (mode.get()) {
          case ALL -> true;
          case TUNNELS_AND_ERRORS ->
              request.status() >= FIRST_ERROR_STATUS || request.failure() != null;
          case OFF -> false;
        };
    if (wanted) {
      offer(new OfRequest(request));
    }
  }

  /** Logs a tunnel that has ended, if the mode says so. Any thread; never blocks. */
  public void tunnel(Tunnel tunnel) {
    if (mode.get() != Settings.AccessLog.OFF) {
      offer(new OfTunnel(tunnel, Instant.now()));
    }
  }

  /** Lines that were not written because the queue was full. */
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("longshore.access.log.dropped", this, AccessLog::dropped)
        .description("Access log lines dropped because their reader is too slow")
        .register(registry);
  }

  private void offer(Entry entry) {
    long counted = entry.counted();
    if (counted > 0 && waiting.addAndGet(counted) > HardLimits.ACCESS_LOG_BYTES) {
      waiting.addAndGet(-counted);
      dropped.increment();
    } else if (!queue.offer(entry)) {
      waiting.addAndGet(-counted);
      dropped.increment();
    }
  }

  /** Writes what waits, for 5 s at most, and stops. */
  @Override
  public void close() {
    try {
      if (queue.offer(new End(), 1, TimeUnit.SECONDS)) {
        writer.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }

  /** Until the end: what can't be written is dropped, and counted. */
  private void write() {
    boolean failing = false;
    while (true) {
      try {
        writeAll();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        dropped.increment();
        if (!failing) {
          failing = true;
          LOG.error("the access log can't be written; lines are dropped while that is so", e);
        }
      } catch (RuntimeException | Error e) {
        dropped.increment();
        part.fault("the access log can't be written, which is tried again", e);
      }
      try {
        Thread.sleep(AFTER_FAILURE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Has it told if the writer ends, and what fails of it. */
  public void watch(Part watched) {
    part = watched;
    watched.runsOn(writer);
  }

  private void writeAll() throws IOException, InterruptedException {
    while (true) {
      Entry entry = queue.poll();
      if (entry == null) {
        out.flush();
        entry = queue.take();
      }
      waiting.addAndGet(-entry.counted());
      if (entry instanceof End) {
        out.flush();
        return;
      }
      if (make(entry)) {
        line.writeTo(out);
      }
    }
  }

  /** Makes a line; of one that fails half-way nothing is written, and the others are whole. */
  private boolean make(Entry entry) {
    line.reset();
    try {
      AccessLines format = lines == null ? lines() : lines;
      lines = format;
      switch (entry) {
        case OfRequest(RequestEntry request) -> format.request(request);
        case OfTunnel(Tunnel tunnel, Instant end) -> format.tunnel(tunnel, end);
        case End _ -> {}
      }
      return true;
    } catch (IOException | RuntimeException | Error e) {
      lines = null;
      dropped.increment();
      part.fault("a line of the access log can't be made", e);
      return false;
    }
  }

  private AccessLines lines() throws IOException {
    return switch (format) {
      case JSON -> new JsonAccessLines(line);
      case TEXT -> new TextAccessLines(line, ZoneId.systemDefault());
    };
  }
}
