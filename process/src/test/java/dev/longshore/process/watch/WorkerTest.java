package dev.longshore.process.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.process.watch.Worker.Next;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTest {
  private static final ThreadFactory THREADS =
      Thread.ofPlatform().name("worker").daemon().factory();

  private final Watch watch = new Watch();
  private final Queue<String> left = new ArrayDeque<>();
  private final List<String> done = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    watch.close();
  }

  /** All that was left, also at the end. */
  private Next<String> first(long now, boolean ending) {
    String next = left.poll();
    return next != null ? new Next.Do<>(next) : ending ? new Next.End<>() : new Next.Rest<>();
  }

  private Worker<String> worker(Worker.Rule<String> rule) {
    return new Worker<>(
        THREADS,
        rule,
        piece -> {
          done.add(piece);
          if (piece.equals("bad")) {
            throw new StackOverflowError();
          }
        },
        "a piece is bad",
        watch.part("worker"));
  }

  @Test
  void everyPieceIsDoneThoughOneFails() {
    Worker<String> worker = worker(this::first);
    for (String piece : List.of("a", "bad", "b")) {
      worker.leave(() -> left.add(piece));
    }
    worker.end();
    worker.join();
    assertThat(done).containsExactly("a", "bad", "b");
    assertThat(watch.part("worker").faults()).isEqualTo(1);
    assertThat(watch.troubles()).as("it has ended as it should").isEmpty();
  }

  @Test
  void aPieceWaitsForItsTimeUnlessSomethingIsLeft() {
    long far = System.nanoTime() + TimeUnit.DAYS.toNanos(1);
    Worker<String> worker =
        worker((now, ending) -> left.size() == 1 ? new Next.Until<>(far) : first(now, ending));
    worker.leave(() -> left.add("a"));
    assertThat(done).isEmpty();
    worker.leave(() -> left.add("b"));
    worker.leave(left::clear);
    worker.end();
    worker.join();
    assertThat(done).doesNotContain("b").hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aTimeThatHasComeIsNotWaitedFor() {
    long soon = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
    Worker<String> worker =
        worker((now, ending) -> soon - now > 0 ? new Next.Until<>(soon) : first(now, ending));
    worker.leave(() -> left.add("a"));
    worker.end();
    worker.join();
    assertThat(done).containsExactly("a");
    assertThat(System.nanoTime() - soon).isNotNegative();
  }

  @Test
  void anInterruptIsAnEndThatTheWatchTells() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    Worker<String> worker =
        worker(
            (now, ending) -> {
              asked.countDown();
              return new Next.Rest<>();
            });
    asked.await();
    worker.interrupt();
    worker.join();
    assertThat(watch.troubles()).containsExactly("worker: its thread is dead");
  }
}
