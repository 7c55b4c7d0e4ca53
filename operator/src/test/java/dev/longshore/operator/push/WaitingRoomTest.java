package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who goes for whom. */
class WaitingRoomTest {
  private final WaitingRoom<String> room = new WaitingRoom<>(6, 3);

  private @Nullable String enter(String name, int address) {
    return room.enter(name, InetAddress.ofLiteral("10.0.0." + address));
  }

  @Test
  void oneAddressDisplacesItself() {
    assertThat(enter("a1", 1)).isNull();
    assertThat(enter("b1", 2)).isNull();
    assertThat(enter("a2", 1)).isNull();
    assertThat(enter("a3", 1)).isNull();
    assertThat(enter("a4", 1)).isEqualTo("a1");
    assertThat(enter("a5", 1)).isEqualTo("a2");
  }

  @Test
  void ofManyTheAddressWithMostYields() {
    enter("b1", 2);
    enter("a1", 1);
    enter("a2", 1);
    enter("a3", 1);
    enter("c1", 3);
    enter("d1", 4);
    assertThat(enter("e1", 5)).isEqualTo("a1");
    assertThat(enter("f1", 6)).isEqualTo("a2");
    // One each: the oldest.
    assertThat(enter("g1", 7)).isEqualTo("b1");
    assertThat(enter("h1", 8)).isEqualTo("a3");
  }

  @Test
  void whoIsKnownStaysAndAStrangerGoesInItsPlace() {
    for (int i = 1; i <= 5; i++) {
      enter("known-" + i, i);
      room.known("known-" + i);
    }
    assertThat(enter("stranger", 9)).isNull();
    assertThat(enter("next", 10)).isEqualTo("stranger");
    room.known("next");
    assertThat(enter("last", 11)).as("all others are known").isEqualTo("last");
    room.leave("known-1");
    assertThat(enter("again", 11)).isNull();
  }

  @Test
  void whoLeftHoldsNoPlace() {
    for (int i = 0; i < 100; i++) {
      assertThat(enter("a" + i, 1)).isNull();
      if (i % 2 == 0) {
        room.known("a" + i);
      }
      room.leave("a" + i);
      room.leave("a" + i);
    }
  }
}
