package dev.longshore.proxy.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrSetTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, true",
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.0/8, 9.255.255.255, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "192.168.1.7/32, 192.168.1.7, true",
    "192.168.1.7/32, 192.168.1.8, false",
    "200.0.0.0/8, 200.1.2.3, true",
    "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8::/64, 2001:db8::1, true",
    "2001:db8::/64, 2001:db8:0:1::, false",
    "2001:db8::8/127, 2001:db8::9, true",
    "2001:db8::8/127, 2001:db8::a, false",
    "2001:db8::8/128, 2001:db8::8, true",
    "ffff::/16, ffff:1::, true",
    "::/0, ffff::, true",
    "::/0, 10.0.0.1, false",
  })
  void contains(String cidr, String address, boolean expected) {
    CidrSet set = CidrSet.of(List.of(Cidr.parse(cidr)));
    assertThat(set.contains(InetAddress.ofLiteral(address))).isEqualTo(expected);
  }

  @Test
  void anIpv4MappedAddressIsTheIpv4Address() throws UnknownHostException {
    byte[] bytes = new byte[16];
    bytes[10] = -1;
    bytes[11] = -1;
    bytes[12] = 10;
    bytes[15] = 1;
    InetAddress mapped = java.net.Inet6Address.getByAddress(null, bytes, -1);
    CidrSet ten = CidrSet.of(List.of(Cidr.parse("10.0.0.0/8")));
    assertThat(ten.contains(mapped)).isTrue();
    assertThat(CidrSet.of(List.of(Cidr.parse("::/0"))).contains(mapped)).isFalse();
  }

  @Test
  void anEmptySetHoldsNobody() {
    assertThat(CidrSet.of(List.of()).isEmpty()).isTrue();
    assertThat(CidrSet.of(List.of()).contains(InetAddress.ofLiteral("::1"))).isFalse();
  }

  @Test
  void manyRangesAnswerAsOneAfterTheOther() throws UnknownHostException {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 200; round++) {
      List<Cidr> cidrs = new ArrayList<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        int length = random.nextInt(33);
        int network = length == 0 ? 0 : random.nextInt() & (-1 << (32 - length));
        cidrs.add(Cidr.parse(text(network) + "/" + length));
      }
      CidrSet set = CidrSet.of(cidrs);
      for (int i = 0; i < 100; i++) {
        int address =
            cidrs.isEmpty() || random.nextBoolean()
                ? random.nextInt()
                : v4(cidrs.get(random.nextInt(cidrs.size())).network()) + random.nextInt(-2, 3);
        boolean expected =
            cidrs.stream()
                .anyMatch(
                    cidr ->
                        cidr.length() == 0
                            || (v4(cidr.network()) ^ address) >>> (32 - cidr.length()) == 0);
        assertThat(set.contains(InetAddress.ofLiteral(text(address))))
            .as("%s in %s", text(address), cidrs)
            .isEqualTo(expected);
      }
    }
  }

  private static int v4(byte[] bytes) {
    return java.nio.ByteBuffer.wrap(bytes).getInt();
  }

  private static String text(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 255)
        + "."
        + (address >>> 8 & 255)
        + "."
        + (address & 255);
  }
}
