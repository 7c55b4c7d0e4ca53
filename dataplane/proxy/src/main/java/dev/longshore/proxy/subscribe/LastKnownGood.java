package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Worker;
import dev.longshore.process.watch.Worker.Next;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
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
  private final Worker<KeptTable> worker;
  private volatile @Nullable Instant onDisk;

  /** Under the worker's lock. */
  private @Nullable KeptTable latest;

  /** Confined to the thread, as what follows. */
  private long notBefore = System.nanoTime();

  private boolean warnedOfSecrets;
  private boolean failing;

  /** Starts the thread that writes. */
  LastKnownGood(StateDirectory directory) {
    this(directory, Thread.ofPlatform().name("longshore-state").daemon().factory());
  }

  /** Starts the thread that writes, made by {@code threads}. */
  LastKnownGood(StateDirectory directory, ThreadFactory threads) {
    this.directory = directory;
    this.worker =
        new Worker<>(
            threads,
            this::next,
            this::write,
            "the table can't be kept; the next one may be",
            Part.unwatched("state"));
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
    worker.leave(() -> latest = table);
  }

  /** Writes what is left to write, and ends the thread. */
  @Override
  public void close() {
    worker.end();
    worker.join();
  }

  /** Has it told if nothing is written any more, and what fails otherwise than by its disk. */
  void watch(Part watched) {
    worker.watch(watched);
  }

  /** The latest once a pause is over; at the end without one. */
  private Next<KeptTable> next(long now, boolean ending) {
    KeptTable table = latest;
    if (table == null) {
      return ending ? new Next.End<>() : new Next.Rest<>();
    } else if (!ending && notBefore - now > 0) {
      return new Next.Until<>(notBefore);
    }
    latest = null;
    return new Next.Do<>(table);
  }

  private void write(KeptTable table) {
    long begin = System.nanoTime();
    try {
      directory.write(allowed(table)::write);
      onDisk = table.appliedAt();
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.error(
            "the table can't be kept in {}: {}; a restart without an operator would serve an older"
                + " one, or none",
            directory.file(),
            e.getMessage());
      }
      failing = true;
    } finally {
      long end = System.nanoTime();
      notBefore = end + Math.max(MIN_PAUSE.toNanos(), SHARE * (end - begin));
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
