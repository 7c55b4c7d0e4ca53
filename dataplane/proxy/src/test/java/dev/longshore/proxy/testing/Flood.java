package dev.longshore.proxy.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends equal parts over a connection, on a thread of its own, for as long as the other side takes
 * them. How much that is depends on the buffers of the kernel, so a test that wants to see a sender
 * held back doesn't guess a size but floods until nothing is taken any more.
 */
public final class Flood {
  private static final long MOST_BYTES = 512L << 20;
  private static final Duration STANDSTILL = Duration.ofMillis(300);
  private static final int END_SECONDS = 20;

  private final int length;
  private final AtomicInteger sent = new AtomicInteger();
  private final CompletableFuture<Integer> end = new CompletableFuture<>();
  private volatile boolean stopped;

  private Flood(int length) {
    this.length = length;
  }

  /** Begins to send {@code part} again and again, and {@code last} when it is stopped. */
  public static Flood start(RawConnection connection, String part, String last) {
    Flood flood = new Flood(part.length());
    Thread.ofVirtual().start(() -> flood.run(connection, part, last));
    return flood;
  }

  private void run(RawConnection connection, String part, String last) {
    try {
      while (!stopped && (long) sent.get() * length < MOST_BYTES) {
        connection.send(part);
        sent.incrementAndGet();
      }
      connection.send(last);
      end.complete(sent.get());
    } catch (RuntimeException e) {
      end.completeExceptionally(e);
    }
  }

  /**
   * Reads what a flood sends, until {@code last}, which is not longer than a part; counts parts.
   */
  public static int receive(RawConnection connection, String part, String last) {
    int parts = 0;
    String next = connection.read(last.length());
    while (!next.equals(last)) {
      if (!part.startsWith(next)
          || !part.endsWith(connection.read(part.length() - next.length()))) {
        throw new AssertionError("behind " + parts + " parts came another: " + next);
      }
      parts++;
      next = connection.read(last.length());
    }
    return parts;
  }

  /** Waits until nothing is taken any more; fails if everything is, or if the connection ends. */
  public void awaitStandstill() throws InterruptedException, ExecutionException {
    int before = -1;
    while (before != sent.get()) {
      before = sent.get();
      try {
        end.get(STANDSTILL.toMillis(), TimeUnit.MILLISECONDS);
        throw new AssertionError(sent.get() + " parts were taken, and nobody was held back");
      } catch (TimeoutException e) {
        // Still sending, or held back.
      }
    }
  }

  /** No part is begun any more; {@code last} follows behind the one that is on its way. */
  public void stop() {
    stopped = true;
  }

  /** How many parts were sent; waits for the last one. */
  public int sent() throws InterruptedException, ExecutionException, TimeoutException {
    return end.get(END_SECONDS, TimeUnit.SECONDS);
  }
}
