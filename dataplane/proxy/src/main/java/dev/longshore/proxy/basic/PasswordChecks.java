package dev.longshore.proxy.basic;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.net.ClientNetwork;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks passwords whose hashes take long on purpose, apart from event loops. What waits is
 * bounded, for each client too, so that whoever guesses waits behind himself. Any thread.
 */
public final class PasswordChecks implements AutoCloseable {
  private static final int CORES_FOR_ONE = 4;
  private static final long IDLE_SECONDS = 10;

  private final ConcurrentHashMap<Long, Integer> waiting = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads;

  /** Starts no thread before there is a password. */
  public PasswordChecks() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_FOR_ONE);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(HardLimits.PASSWORDS_WAITING),
            new DefaultThreadFactory("longshore-passwords", true, Thread.MIN_PRIORITY));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Has a password checked. One whose future is done by then, as whoever cancels it makes it, is
   * not.
   *
   * @return null: too many wait, or too many of this client
   */
  public @Nullable CompletableFuture<Boolean> check(InetAddress client, BooleanSupplier check) {
    Long network = ClientNetwork.of(client);
    boolean[] taken = new boolean[1];
    waiting.compute(
        network,
        (key, count) -> {
          int present = count == null ? 0 : count;
          taken[0] = present < HardLimits.PASSWORDS_WAITING_OF_CLIENT;
          return taken[0] ? Integer.valueOf(present + 1) : count;
        });
    if (!taken[0]) {
      return null;
    }
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    try {
      threads.execute(() -> run(network, check, result));
    } catch (RejectedExecutionException e) {
      leave(network);
      return null;
    }
    return result;
  }

  private void run(Long network, BooleanSupplier check, CompletableFuture<Boolean> result) {
    try {
      if (!result.isDone()) {
        result.complete(check.getAsBoolean());
      }
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    } finally {
      leave(network);
    }
  }

  private void leave(Long network) {
    waiting.computeIfPresent(
        network, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }

  /** Checks nothing any more. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
