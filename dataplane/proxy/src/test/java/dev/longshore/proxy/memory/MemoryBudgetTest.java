package dev.longshore.proxy.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.process.watch.Part;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is cut, and who never is. */
@Timeout(30)
class MemoryBudgetTest {
  private static final long BUDGET = 8_000_000;
  private static final long LIMIT = 80_000_000;

  private final AtomicLong used = new AtomicLong();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final MemoryBudget budget = new MemoryBudget(BUDGET, LIMIT, used::get, "buffers", ticker);

  /** Holders that lie in an event loop which does what it is told at once. */
  private static final class Loop implements LoopHolders {
    private final List<Fake> holders = new ArrayList<>();
    private final Executor executor;
    private final AtomicInteger surveys = new AtomicInteger();

    Loop(Executor executor) {
      this.executor = executor;
    }

    Fake add(long bytes) {
      Fake added = new Fake(bytes);
      holders.add(added);
      return added;
    }

    @Override
    public Executor loop() {
      return executor;
    }

    @Override
    public void forEach(Consumer<Holder> consumer) {
      surveys.incrementAndGet();
      holders.forEach(consumer);
    }
  }

  private static final class Fake implements Holder {
    private final long found;
    private long bytes;
    private boolean cut;
    private Runnable afterSurvey = () -> {};

    Fake(long bytes) {
      this.found = bytes;
      this.bytes = bytes;
    }

    @Override
    public Kind kind() {
      return Kind.TUNNEL;
    }

    @Override
    public long heldBytes() {
      long now = bytes;
      afterSurvey.run();
      return now;
    }

    @Override
    public void shed() {
      cut = true;
      bytes = 0;
    }
  }

  private void look(Loop... loops) throws InterruptedException {
    budget.over(List.of(loops), Part.unwatched("memory"));
    budget.look();
  }

  private final Loop one = new Loop(Runnable::run);
  private final Loop other = new Loop(Runnable::run);

  @Test
  void thoseWithTheMostAreCutOverAllLoopsUntilItIsKept() throws Exception {
    Fake most = one.add(5_000_000);
    Fake second = other.add(4_000_000);
    List<Fake> others = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      others.add((i % 2 == 0 ? one : other).add(100_000));
    }
    used.set(17_000_000);
    look(one, other);
    assertThat(most.cut).isTrue();
    assertThat(second.cut).isTrue();
    assertThat(others).noneMatch(fake -> fake.cut);
    assertThat(budget.cut(Holder.Kind.TUNNEL)).isEqualTo(2);
    assertThat(budget.cutBytes()).isEqualTo(most.found + second.found);
  }

  @Test
  void nobodyIsAskedWhileTheAllocatorHasLess() throws Exception {
    one.add(BUDGET);
    used.set(BUDGET);
    look(one);
    assertThat(one.surveys).hasValue(0);
  }

  @Test
  void freePartsOfChunksCutNobodyAndAreNotLookedAtAgainAndAgain() throws Exception {
    Fake fake = one.add(BUDGET - 1);
    used.set(BUDGET * 2);
    look(one);
    budget.look();
    budget.look();
    assertThat(fake.cut).isFalse();
    assertThat(one.surveys).hasValue(1);
    ticker.advance(999, TimeUnit.MILLISECONDS);
    budget.look();
    assertThat(one.surveys).hasValue(1);
    ticker.advance(1, TimeUnit.MILLISECONDS);
    budget.look();
    assertThat(one.surveys).as("a second later").hasValue(2);
    used.set(BUDGET * 3);
    budget.look();
    assertThat(one.surveys).hasValue(3);
  }

  @Test
  void closeToTheEndTheGreediestGoEvenWithinTheBudget() throws Exception {
    Fake greedy = one.add(BUDGET / 2);
    Fake modest = one.add(MemoryBudget.MODEST_BYTES);
    used.set(LIMIT - 1);
    look(one);
    assertThat(greedy.cut).isTrue();
    assertThat(modest.cut).isFalse();
    Fake next = one.add(BUDGET / 2);
    budget.look();
    assertThat(next.cut).as("what is free suffices: the allocator has not grown").isFalse();
  }

  @Test
  void whoHoldsLittleIsNotCutWithinTheBudget() throws Exception {
    for (int i = 0; i < 400; i++) {
      one.add(MemoryBudget.MODEST_BYTES);
    }
    used.set(LIMIT);
    look(one);
    assertThat(one.holders).noneMatch(fake -> fake.cut);
  }

  @Test
  void manyWhoHoldLittleAreCutWhenItIsTheyWhoExceedIt() throws Exception {
    for (int i = 0; i < 900; i++) {
      one.add(10_000);
    }
    one.add(0);
    used.set(9_000_000);
    look(one);
    assertThat(one.holders).filteredOn(fake -> fake.cut).hasSize(200);
    assertThat(one.holders.getLast().cut).isFalse();
  }

  @Test
  void whoHasLetGoMeanwhileIsSpared() throws Exception {
    Fake quick = one.add(BUDGET * 2);
    quick.afterSurvey = () -> quick.bytes = 10;
    used.set(BUDGET * 2);
    look(one);
    assertThat(quick.cut).isFalse();
    assertThat(budget.cut(Holder.Kind.TUNNEL)).isZero();
  }

  @Test
  void aLoopThatIsStuckEndedOrBrokenHindersNoOther() throws Exception {
    Fake greedy = one.add(BUDGET * 2);
    Fake broken = other.add(1);
    broken.afterSurvey =
        () -> {
          throw new OutOfMemoryError("no more");
        };
    Loop stuck = new Loop(_ -> {});
    Loop ended =
        new Loop(
            _ -> {
              throw new RejectedExecutionException("it has ended");
            });
    used.set(BUDGET * 2);
    look(stuck, ended, other, one);
    assertThat(greedy.cut).isTrue();
  }

  /** One that can't be looked at hides nobody else of its loop. */
  @Test
  void aHolderThatFailsIsLeftOutAlone() throws Exception {
    Fake broken = one.add(1);
    broken.afterSurvey =
        () -> {
          throw new IllegalStateException("planted");
        };
    Fake greedy = one.add(BUDGET * 2);
    used.set(BUDGET * 2);
    look(one);
    assertThat(greedy.cut).isTrue();
  }
}
