package dev.longshore.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Columns as kubectl lays them out. */
final class TextTableTest {
  @Test
  void columnsAreAsWideAsTheirWidest() {
    assertThat(
            TextTable.lines(
                List.of("A", "LONG", "C"),
                List.of(List.of("wide one", "b", "c"), List.of("x", "y", "z"))))
        .containsExactly("A          LONG   C", "wide one   b      c", "x          y      z");
  }

  @Test
  void aVeryWideCellDoesNotPushTheOthers() {
    List<String> lines =
        TextTable.lines(
            List.of("A", "B"), List.of(List.of("x".repeat(100), "b"), List.of("x", "b")));
    assertThat(lines.get(1)).isEqualTo("x".repeat(100) + " b");
    assertThat(lines.get(2)).hasSize(64);
  }
}
