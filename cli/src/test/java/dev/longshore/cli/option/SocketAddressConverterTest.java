package dev.longshore.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** What ADDR:PORT may be. */
final class SocketAddressConverterTest {
  private final SocketAddressConverter converter = new SocketAddressConverter();

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8080, 127.0.0.1, 8080",
    "0.0.0.0:0, 0.0.0.0, 0",
    ":65535, 0.0.0.0, 65535",
    "localhost:1, 127.0.0.1, 1",
    "'[::1]:8080', 0:0:0:0:0:0:0:1, 8080"
  })
  void reads(String text, String address, int port) {
    InetSocketAddress read = converter.convert(text);
    assertThat(read.getAddress().getHostAddress()).isEqualTo(address);
    assertThat(read.getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:http",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "example.com:80",
        "::1:8080",
        "[::1:8080",
        "256.0.0.1:80"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void saysHowAnIpv6AddressIsWritten() {
    assertThatThrownBy(() -> converter.convert("::1:8080")).hasMessageContaining("[::1]:8080");
  }
}
