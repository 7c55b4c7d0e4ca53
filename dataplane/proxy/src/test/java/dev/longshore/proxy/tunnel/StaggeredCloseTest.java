package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StaggeredCloseTest {

  @Test
  void everyPlaceIsTakenOnce() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 500; round++) {
      int[] counts = new int[random.nextInt(1, 9)];
      int all = 0;
      for (int i = 0; i < counts.length; i++) {
        counts[i] = random.nextInt(0, round % 3 == 0 ? 3 : 60);
        all += counts[i];
      }
      List<Long> ranks = new ArrayList<>();
      for (int part = 0; part < counts.length; part++) {
        for (int i = 0; i < counts[part]; i++) {
          ranks.add(StaggeredClose.rank(counts, part, i));
        }
      }
      Collections.sort(ranks);
      assertThat(ranks).containsExactlyElementsOf(LongStream.range(0, all).boxed().toList());
    }
  }

  @Test
  void partsTakeTurns() {
    int[] counts = {2, 2, 4};
    assertThat(ranks(counts, 0)).containsExactly(1, 5);
    assertThat(ranks(counts, 1)).containsExactly(2, 6);
    assertThat(ranks(counts, 2)).containsExactly(0, 3, 4, 7);
  }

  private static long[] ranks(int[] counts, int part) {
    return IntStream.range(0, counts[part])
        .mapToLong(i -> StaggeredClose.rank(counts, part, i))
        .toArray();
  }
}
