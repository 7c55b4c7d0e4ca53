package dev.longshore.process.admin;

import dev.longshore.contract.HardLimits;
import dev.longshore.process.watch.Part;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Makes pages, one at a time, on a thread of its own. It rests for as long as it has worked, so
 * that whoever asks without end gets half a core and no more.
 */
final class PageMaker implements AutoCloseable {
  /** One page is not waited for longer, however long it took. */
  private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** More than the page of the largest table takes; longer, and no page is made any more. */
  private static final Duration MOST_MAKING = Duration.ofMinutes(1);

  private final Part part;
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(HardLimits.ADMIN_WAITING_PAGES),
          new DefaultThreadFactory("longshore-admin-pages", true));

  PageMaker(Part part) {
    this.part = part;
  }

  /**
   * Has a page made.
   *
   * @param wanted asked when its turn comes
   * @param made called on the thread of the pages
   * @throws RejectedExecutionException if too many wait
   */
  void make(BooleanSupplier wanted, AdminPage page, Query query, Consumer<AdminResponse> made) {
    executor.execute(
        () -> {
          if (wanted.getAsBoolean()) {
            long start = System.nanoTime();
            made.accept(call(page, query));
            LockSupport.parkNanos(Math.min(System.nanoTime() - start, LONGEST_REST_NANOS));
          }
        });
  }

  private AdminResponse call(AdminPage page, Query query) {
    part.begin(MOST_MAKING);
    try {
      return page.get(query);
    } catch (BadQueryException e) {
      return AdminResponse.text(400, e.getMessage() + "\n");
    } catch (RuntimeException | Error e) {
      part.fault("a page can't be made", e);
      return AdminResponse.text(500, "the page could not be made; the log says why\n");
    } finally {
      part.end();
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
