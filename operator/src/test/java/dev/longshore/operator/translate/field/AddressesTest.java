package dev.longshore.operator.translate.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.170.23",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "64:ff9b::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "2002:a9fe:a9fe::1",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "2001:0:1:2:3:4:5601:5601",
        "2001:db8::5efe:a9fe:a9fe",
        "fe80::a9fe:a9fe",
        "FE80::1",
        "fd00:ec2::254",
        "fd00:0ec2:0:0:0:0:0:0254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "64:ff9b::a83f:8110",
        "2002:a83f:8110::",
        "100.100.100.200",
        "::ffff:100.100.100.200",
        "64:ff9b::6464:64c8",
        "192.0.0.192",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:0.0.0.0",
        "255.255.255.255",
        "240.0.0.1",
        "::ffff:255.255.255.255",
        "224.0.0.1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::127.0.0.1",
        "fe80::1%eth0",
        "localhost",
        "10.1",
        "0x7f000001",
        "017700000001",
        "2130706433"
      })
  void neverForEndpoints(String text) {
    for (boolean loopback : new boolean[] {true, false}) {
      assertThatThrownBy(() -> new Addresses(loopback).parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
  void loopbackInStandaloneAlone(String text) {
    assertThat(new Addresses(true).parse(text)).isNotEmpty();
    assertThatThrownBy(() -> new Addresses(false).parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.7",
        "100.100.100.201",
        "168.63.129.17",
        "2001:db8::7",
        "fd00:1::254",
        "64:ff9b::0a00:7",
        "64:ff9b:1::0a00:7",
        "2002:0a00:7::1",
        "fc00::1"
      })
  void othersAre(String text) {
    assertThat(new Addresses(false).parse(text)).isNotEmpty();
  }

  @Test
  void spellingsOfOneAddressAreOne() {
    assertThat(new Addresses(false).parse("::ffff:10.0.0.7")).isEqualTo("10.0.0.7");
  }
}
