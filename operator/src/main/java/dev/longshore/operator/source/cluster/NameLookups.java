package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks names up again and again, several at a time, because the system's resolver can't be
 * interrupted and a name whose servers don't answer takes tens of seconds. Of one namespace at most
 * {@link #AT_A_TIME_BY_NAMESPACE} are under way, and namespaces take turns: slow names hold up
 * their own namespace alone. A name that took longer than {@link #SLOW}, or failed, is asked for
 * less often.
 *
 * <p>Thread-safe. Platform threads, for a lookup pins a virtual thread's carrier.
 */
final class NameLookups implements AutoCloseable {
  static final int AT_A_TIME = 16;
  static final int AT_A_TIME_BY_NAMESPACE = 2;
  static final Duration SLOW = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(NameLookups.class);

  /** Failures in a row double the period so often at most. */
  private static final int MOST_DOUBLINGS = 4;

  private final Resolver resolver;
  private final Duration period;
  private final Sink sink;
  private final Part part;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("external-names").daemon().factory());

  /** Not bounded itself: one that ends starts the next, and isn't idle yet. */
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().name("external-name-", 0).daemon().factory());

  // Guarded by this.
  private final Map<ResourceRef, Entry> entries = new HashMap<>();

  /** By namespace, those that are due, in turns. */
  private final Map<String, Queue<Entry>> due = new LinkedHashMap<>();

  private final Map<String, Integer> running = new HashMap<>();
  private int allRunning;

  /** The system's. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
  }

  /** Takes answers, one at a time for each. */
  @FunctionalInterface
  interface Sink {
    void resolved(ResourceRef ref, String name, InetAddress[] addresses);
  }

  /** A name that is wanted; another object for another name. */
  private static final class Entry {
    private final ResourceRef ref;
    private final String name;
    private int failures;

    Entry(ResourceRef ref, String name) {
      this.ref = ref;
      this.name = name;
    }
  }

  /**
   * @param period after an answer, until it is asked for again
   * @param part of the watch; hears of what fails but for DNS
   */
  NameLookups(Resolver resolver, Duration period, Sink sink, Part part) {
    this.part = part;
    this.resolver = resolver;
    this.period = period;
    this.sink = sink;
  }

  /** Looks the name up soon, and again every period, in place of another of the same resource. */
  synchronized void want(ResourceRef ref, String name) {
    unwant(ref);
    Entry entry = new Entry(ref, name);
    entries.put(ref, entry);
    enqueue(entry);
  }

  synchronized void unwant(ResourceRef ref) {
    Entry present = entries.remove(ref);
    Queue<Entry> queue = due.get(ref.namespace());
    if (present != null && queue != null && queue.remove(present) && queue.isEmpty()) {
      due.remove(ref.namespace());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
  }

  private synchronized void enqueue(Entry entry) {
    if (entries.get(entry.ref) == entry) {
      due.computeIfAbsent(entry.ref.namespace(), added -> new ArrayDeque<>()).add(entry);
      dispatch();
    }
  }

  private synchronized void dispatch() {
    Entry next;
    while (allRunning < AT_A_TIME && (next = next()) != null) {
      Entry started = next;
      allRunning++;
      running.merge(started.ref.namespace(), 1, Integer::sum);
      try {
        threads.execute(() -> lookUp(started));
      } catch (RejectedExecutionException e) {
        ended(started); // close()
        return;
      } catch (RuntimeException | Error e) {
        // No thread can be had: its place isn't lost, and it is asked for later.
        ended(started);
        part.fault(started.ref + ": " + started.name + " can't be looked up now", e);
        again(started, period);
        return;
      }
    }
  }

  /** The next of the namespace whose turn it is. */
  private @Nullable Entry next() {
    for (String namespace : due.keySet()) {
      if (running.getOrDefault(namespace, 0) < AT_A_TIME_BY_NAMESPACE) {
        Queue<Entry> queue = due.remove(namespace);
        Entry next = queue == null ? null : queue.poll();
        if (queue != null && !queue.isEmpty()) {
          due.put(namespace, queue); // behind the others
        }
        return next;
      }
    }
    return null;
  }

  private void lookUp(Entry entry) {
    long begin = System.nanoTime();
    InetAddress[] addresses = null;
    try {
      if (isWanted(entry)) {
        addresses = resolver.resolve(entry.name);
      }
    } catch (UnknownHostException e) {
      log.warn("{}: {} doesn't resolve", entry.ref, entry.name);
    } catch (RuntimeException | Error e) {
      part.fault(entry.ref + ": " + entry.name + " can't be resolved", e);
    }
    boolean slow = System.nanoTime() - begin > SLOW.toNanos();
    try {
      if (addresses != null && isWanted(entry)) {
        sink.resolved(entry.ref, entry.name, addresses);
      }
    } catch (RuntimeException | Error e) {
      part.fault(entry.ref + ": what " + entry.name + " resolves to can't be taken", e);
    }
    entry.failures = addresses == null || slow ? entry.failures + 1 : 0;
    ended(entry);
    again(
        entry,
        period.multipliedBy(1L << Math.min(MOST_DOUBLINGS, Math.max(0, entry.failures - 1))));
    dispatch();
  }

  private synchronized boolean isWanted(Entry entry) {
    return entries.get(entry.ref) == entry;
  }

  private synchronized void ended(Entry entry) {
    allRunning--;
    running.merge(entry.ref.namespace(), -1, (a, b) -> a + b == 0 ? null : a + b);
  }

  private void again(Entry entry, Duration delay) {
    try {
      if (isWanted(entry)) {
        timer.schedule(
            part.guarded("a name can't be looked up again", () -> enqueue(entry)),
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException e) {
      log.debug("too late, it is closed");
    }
  }
}
