package dev.longshore.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DirectMemoryTest {
  @Test
  void isAsMuchAsTheHeapUnlessAFlagSaysOtherwise() {
    assertThat(DirectMemory.limit(List.of("-Xmx1g", "-XX:+UseSerialGC"), 1000)).isEqualTo(1000);
    assertThat(
            DirectMemory.limit(
                List.of("-XX:MaxDirectMemorySize=1g", "-XX:MaxDirectMemorySize=64m"), 1000))
        .isEqualTo(64L << 20);
    assertThat(DirectMemory.limit(List.of("-XX:MaxDirectMemorySize=0"), 1000)).isEqualTo(1000);
  }
}
