package dev.longshore.contract.push;

import static dev.longshore.contract.push.Origin.Order.INCOMPARABLE;
import static dev.longshore.contract.push.Origin.Order.NEWER;
import static dev.longshore.contract.push.Origin.Order.OLDER;
import static dev.longshore.contract.push.Origin.Order.SAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OriginTest {
  @Test
  void moreOfSomeKindAndLessOfNoneIsNewer() {
    Origin origin = Origin.of(0, Map.of("Ingress", "99", "Service", "7"));
    assertThat(Origin.of(0, Map.of("Ingress", "100", "Service", "7")).comparedTo(origin))
        .isEqualTo(NEWER);
    assertThat(Origin.of(0, Map.of("Ingress", "98", "Service", "7")).comparedTo(origin))
        .isEqualTo(OLDER);
    assertThat(Origin.of(0, Map.of("Ingress", "100", "Service", "6")).comparedTo(origin))
        .isEqualTo(INCOMPARABLE);
    assertThat(Origin.of(0, Map.of("Ingress", "99", "Service", "7")).comparedTo(origin))
        .isEqualTo(SAME);
  }

  @Test
  void aKindOfWhichNothingWasSeenIsLess() {
    Origin without = Origin.of(0, Map.of("Ingress", "99"));
    Origin with = Origin.of(0, Map.of("Ingress", "99", "WebSocketRoute", "0"));
    assertThat(without.comparedTo(with)).isEqualTo(OLDER);
    assertThat(with.comparedTo(without)).isEqualTo(NEWER);
    assertThat(Origin.of(0, Map.of("Ingress", "100")).comparedTo(with)).isEqualTo(INCOMPARABLE);
  }

  @Test
  void aHigherEpochIsNewerWhateverTheResourceVersions() {
    Origin before = Origin.of(1, Map.of("Ingress", "500"));
    Origin restored = Origin.of(2, Map.of("Ingress", "20"));
    assertThat(restored.comparedTo(before)).isEqualTo(NEWER);
    assertThat(before.comparedTo(restored)).isEqualTo(OLDER);
  }

  @Test
  void resourceVersionsAreIntegersOfAnySize() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      BigInteger one = new BigInteger(random.nextInt(200), random);
      BigInteger other = random.nextBoolean() ? one : new BigInteger(random.nextInt(200), random);
      Origin.Order expected =
          switch (Integer.signum(one.compareTo(other))) {
            case 0 -> SAME;
            case 1 -> NEWER;
            default -> OLDER;
          };
      assertThat(
              Origin.of(0, Map.of("k", one.toString()))
                  .comparedTo(Origin.of(0, Map.of("k", other.toString()))))
          .isEqualTo(expected);
    }
  }

  /** Turned round, the answer is turned round; and what is newer than something newer is newer. */
  @Test
  void theOrderIsPartial() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      Origin a = random(random);
      Origin b = random(random);
      Origin c = random(random);
      assertThat(b.comparedTo(a)).isEqualTo(turned(a.comparedTo(b)));
      assertThat(a.comparedTo(b) == SAME).isEqualTo(a.equals(b));
      if (a.comparedTo(b) == NEWER && b.comparedTo(c) == NEWER) {
        assertThat(a.comparedTo(c)).isEqualTo(NEWER);
      }
    }
  }

  @Test
  void refusesWhatIsNoResourceVersion() {
    for (String wrong : new String[] {"", "-1", "01", "1.0", "x", "9".repeat(65)}) {
      assertThatThrownBy(() -> Origin.of(0, Map.of("Ingress", wrong)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Origin.of(-1, Map.of())).isInstanceOf(IllegalArgumentException.class);
  }

  private static Origin random(Random random) {
    Map<String, String> versions = new TreeMap<>();
    for (String kind : new String[] {"Ingress", "Service"}) {
      int version = random.nextInt(4);
      if (version > 0) {
        versions.put(kind, Integer.toString(version * 8));
      }
    }
    return Origin.of(random.nextInt(2), versions);
  }

  private static Origin.Order turned(Origin.Order order) {
    return switch (order) {
      case OLDER -> NEWER;
      case NEWER -> OLDER;
      case SAME, INCOMPARABLE -> order;
    };
  }
}
