package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.folder.ReadingOrder.Changed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Issue 9: nobody's file waits for those of another namespace. */
final class ReadingOrderTest {
  private static final long KIB = 1L << 10;

  /** So that times overflow. */
  private long now = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(500);

  private final ReadingOrder order = new ReadingOrder();

  private List<String> batch(List<Changed> all) {
    return ReadingOrder.batch(all, now).stream().map(Changed::name).toList();
  }

  private long readableIn(String payer) {
    return order.readableAt(Set.of(payer), now) - now;
  }

  @Test
  void whatWasSavedTogetherIsReadTogether() {
    List<Changed> all =
        List.of(
            new Changed("a", 100 * KIB, true, now),
            new Changed("b", KIB, false, now),
            new Changed("c", 100 * KIB, false, now));

    assertThat(batch(all)).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(batch(List.of())).isEmpty();
  }

  @Test
  void whatIsServedGoesBeforeWhatIsNewAndSmallBeforeLarge() {
    List<Changed> all = new ArrayList<>();
    for (int i = 0; i < 157; i++) {
      all.add(new Changed("evil-" + i, 10 * KIB, false, now));
    }
    all.add(new Changed("large", 100 * KIB, true, now));
    now += TimeUnit.MILLISECONDS.toNanos(300);
    all.add(new Changed("moved", KIB, true, now));

    assertThat(batch(all)).containsExactly("moved", "large");
    all.removeLast();
    assertThat(batch(all)).containsExactly("large");
    all.removeLast();
    assertThat(batch(all)).hasSize(25);
  }

  @Test
  void noFileIsPutOffForEver() {
    Changed large = new Changed("large", 64L << 20, false, now);
    now += ReadingOrder.LONGEST.plus(ReadingOrder.NEW).toNanos() + 1;

    assertThat(batch(List.of(new Changed("small", KIB, true, now), large)))
        .containsExactly("large");
  }

  @Test
  void whoHasLargeFilesReadOverAndOverWaits() {
    for (int i = 0; i < 2; i++) {
      assertThat(readableIn("evil")).isZero();
      order.took("evil", 512 * KIB, now);
    }
    assertThat(readableIn("evil")).isZero();
    order.took("evil", 256 * KIB, now);
    assertThat(readableIn("evil")).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(readableIn("other")).isZero();

    order.took("evil", 64 << 20, now);
    assertThat(readableIn("evil")).isEqualTo(ReadingOrder.LONGEST.toNanos());
    now += TimeUnit.MINUTES.toNanos(5);
    assertThat(readableIn("evil")).isZero();
  }
}
