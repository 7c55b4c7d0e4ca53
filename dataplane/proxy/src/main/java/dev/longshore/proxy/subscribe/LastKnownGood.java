package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.process.watch.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the applied table on disk, so that a data plane that starts while no operator can be
 * reached serves what served before. Writing is off the path of a change: one thread writes
 * whatever is the latest, and no more often than costs it a twentieth of its time.
 *
 * <p>What is secret is written to memory-backed folders only; elsewhere the table is kept without
 * its certificates, and with those rules closed that set headers to credentials. Thread-safe.
 */
final class LastKnownGood implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LastKnownGood.class);

  /** As much as a snapshot may have, and the line above it. */
  private static final long MAX_BYTES = (512L << 20) + 4096;

  private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
  private static final int SHARE = 20;

  private final StateDirectory directory;
  private final Thread thread;
  private volatile Part part = Part.unwatched("state");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable Instant onDisk;
  private @Nullable KeptTable latest;
  private boolean closed;
  private boolean warnedOfSecrets;
  private boolean failing;

  /** Starts the thread that writes. */
  LastKnownGood(StateDirectory directory) {
    this(directory, Thread.ofPlatform().name("longshore-state").daemon().factory());
  }

  /** Starts the thread that writes, made by {@code threads}. */
  LastKnownGood(StateDirectory directory, ThreadFactory threads) {
    this.directory = directory;
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  /**
   * The table that was kept. A file that can't be read, or isn't one of ours, is moved aside and
   * logged; it never keeps a data plane from starting.
   */
  Optional<KeptTable> read() {
    try {
      Optional<InputStream> found = directory.read(MAX_BYTES);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (InputStream file = found.get()) {
        KeptTable table = KeptTable.read(file);
        onDisk = table.appliedAt();
        return Optional.of(table);
      }
    } catch (IOException | KeptTable.DamagedException e) {
      setAside(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** When the table was applied that is on disk; null: there is none. Any thread. */
  @Nullable Instant onDisk() {
    return onDisk;
  }

  /** Moves the file out of the way, because what it holds can't be served. */
  void setAside(String why) {
    onDisk = null;
    try {
      Path aside = directory.setAside();
      LOG.error(
          "the last known good table {} {}; moved to {}, starting without it",
          directory.file(),
          why,
          aside);
    } catch (IOException e) {
      LOG.error(
          "the last known good table {} {}, and can't be moved aside ({}); starting without it",
          directory.file(),
          why,
          e.getMessage());
    }
  }

  /** Takes a table to be kept; one that was offered before and is not written yet is forgotten. */
  void keep(KeptTable table) {
    lock.lock();
    try {
      latest = table;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is left to write, and ends the thread. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Has it told if nothing is written any more, and what fails otherwise than by its disk. */
  void watch(Part watched) {
    part = watched;
    watched.runsOn(thread);
  }

  private void run() {
    long notBefore = System.nanoTime();
    for (KeptTable table = next(notBefore); table != null; table = next(notBefore)) {
      long begin = System.nanoTime();
      write(table);
      long end = System.nanoTime();
      notBefore = end + Math.max(MIN_PAUSE.toNanos(), SHARE * (end - begin));
    }
  }

  /** Waits for a table and for the end of the pause; null when closed and nothing is left. */
  private @Nullable KeptTable next(long notBefore) {
    lock.lock();
    try {
      while (true) {
        long pause = notBefore - System.nanoTime();
        if (latest != null && (closed || pause <= 0)) {
          KeptTable table = latest;
          latest = null;
          return table;
        }
        if (closed) {
          return null;
        }
        if (latest == null) {
          changed.await();
        } else {
          changed.awaitNanos(pause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void write(KeptTable table) {
    try {
      directory.write(allowed(table)::write);
      onDisk = table.appliedAt();
      failing = false;
    } catch (RuntimeException | Error e) {
      part.fault("the table can't be kept; the next one may be", e);
    } catch (IOException e) {
      if (!failing) {
        LOG.error(
            "the table can't be kept in {}: {}; a restart without an operator would serve an older"
                + " one, or none",
            directory.file(),
            e.getMessage());
      }
      failing = true;
    }
  }

  /** What may be written to this folder. */
  private KeptTable allowed(KeptTable table) throws IOException {
    if (directory.memoryBacked()) {
      return table;
    }
    RoutingSnapshot open = WithoutSecrets.of(table.snapshot());
    if (open.version().equals(table.snapshot().version())) {
      return table;
    }
    if (!warnedOfSecrets) {
      warnedOfSecrets = true;
      LOG.warn(
          "{} is not memory-backed: the table is kept without its private keys and credentials, and"
              + " a restart without an operator serves neither TLS nor rules that set headers to"
              + " credentials; use a tmpfs (emptyDir with medium Memory)",
          directory.file());
    }
    return new KeptTable(open, table.origin(), table.appliedAt(), table.dataPlanes());
  }
}
