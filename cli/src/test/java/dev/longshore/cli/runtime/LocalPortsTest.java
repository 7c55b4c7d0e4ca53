package dev.longshore.cli.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The range of local ports as Linux states it. */
final class LocalPortsTest {
  @Test
  void bothBoundsCount() {
    assertThat(LocalPorts.parse("32768\t60999\n")).hasValue(28_232);
    assertThat(LocalPorts.parse("1024\t65535\n")).hasValue(64_512);
  }

  @Test
  void isUnknownWhereItIsNoRange() {
    assertThat(LocalPorts.parse("")).isEmpty();
    assertThat(LocalPorts.parse("1024")).isEmpty();
    assertThat(LocalPorts.parse("from to")).isEmpty();
  }
}
