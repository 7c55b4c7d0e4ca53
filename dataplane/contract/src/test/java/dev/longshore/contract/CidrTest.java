package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "10.1.2.3, 10.1.2.3/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "2001:DB8::/32, 2001:db8:0:0:0:0:0:0/32",
    "::1, 0:0:0:0:0:0:0:1/128",
  })
  void readsRangesIntoOneForm(String text, String canonical) {
    Cidr cidr = Cidr.parse(text);
    assertThat(cidr.text()).isEqualTo(canonical);
    assertThat(Cidr.parse(canonical)).isEqualTo(cidr);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/8",
        "localhost",
        "localhost/8",
        "example.com",
        "abc.de.fe.ed",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "256.0.0.0/8",
        "::1/129",
        "fe80::1%lo",
        "1:2:3",
        ":::/8",
      })
  void refusesOthersWithoutResolvingThem(String text) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not an address or range such as 10.0.0.0/8");
  }

  @Test
  void saysWhatWasMeant() {
    assertThatThrownBy(() -> Cidr.parse("10.0.0.1/8"))
        .hasMessage("'10.0.0.1/8' has bits set beyond its prefix; did you mean 10.0.0.0/8?");
  }
}
