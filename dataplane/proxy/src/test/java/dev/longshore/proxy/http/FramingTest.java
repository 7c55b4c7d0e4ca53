package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 9: whatever two parsers could frame in two ways gets 400, and the connection ends. */
@ParameterizedClass
@EnumSource(mode = Mode.EXCLUDE, names = "HTTP2") // which frames by itself
class FramingTest {
  private static final String HOST = "Host: chat.example.com\r\n";
  private static final String START = "POST /p HTTP/1.1\r\n" + HOST;
  private static final String TE = "Transfer-Encoding: ";
  private static final String EMPTY = "\r\n\r\n0\r\n\r\n";
  private static final String NEXT = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";

  private final Wire wire;
  private RawUpstream upstream;
  private TestProxy proxy;
  private RawClient client;

  FramingTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("ok");
    proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
    client = proxy.connect(wire);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  static Stream<String> lengths() {
    return Stream.of(
        START + "Content-Length: 5\r\n" + TE + "chunked" + EMPTY,
        START + TE + "chunked\r\nContent-Length: 5" + EMPTY,
        START + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        START + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        START + "Content-Length: 5, 5\r\n\r\nhello",
        START + "Content-Length: +5\r\n\r\nhello",
        START + "Content-Length: -5\r\n\r\nhello",
        START + "Content-Length: 0x5\r\n\r\nhello",
        START + "Content-Length: 5 5\r\n\r\nhello",
        START + "Content-Length: \r\n\r\nhello",
        START + "Content-Length: 99999999999999999999\r\n\r\nhello",
        "POST /p HTTP/1.0\r\n" + HOST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        START + TE + "chunked, xchunked" + EMPTY,
        START + TE + "xchunked" + EMPTY,
        START + TE + "gzip, chunked" + EMPTY,
        START + TE + "chunked\r\n" + TE + "chunked" + EMPTY,
        START + TE + "identity\r\n" + TE + "chunked" + EMPTY,
        START + TE + "chunked, chunked" + EMPTY,
        START + TE + "\"chunked\"" + EMPTY,
        START + TE + "\u000bchunked" + EMPTY,
        START + "Transfer-Encoding : chunked" + EMPTY,
        START + "Transfer-Encoding\r\n : chunked" + EMPTY,
        "POST /p HTTP/1.0\r\n" + HOST + TE + "chunked" + EMPTY);
  }

  static Stream<String> lines() {
    return Stream.of(
        START.replace("\r\n", "\n") + "\n",
        START + "X: 1\nY: 2\r\n\r\n",
        START + "X: 1\r\n\n",
        START + "X: 1\rY: 2\r\n\r\n",
        START + "X: 1\r\n folded\r\n\r\n",
        START + "X: 1\r\n\tfolded\r\n\r\n",
        START + "X: 1\r\n \r\n\r\n",
        "POST /p HTTP/1.1\r\n " + HOST + "\r\n",
        START + "no colon\r\n\r\n",
        START + ": no name\r\n\r\n",
        START + "X Y: 1\r\n\r\n",
        START + "X(Y: 1\r\n\r\n",
        START + "X: a\0b\r\n\r\n",
        START + "X: a\u0001b\r\n\r\n",
        START + "X: a\u007fb\r\n\r\n",
        START + "X\0: a\r\n\r\n");
  }

  static Stream<String> requestLinesAndHosts() {
    return Stream.of(
        "GET  /p HTTP/1.1\r\n" + HOST + "\r\n",
        "GET /p  HTTP/1.1\r\n" + HOST + "\r\n",
        "GET\t/p HTTP/1.1\r\n" + HOST + "\r\n",
        " GET /p HTTP/1.1\r\n" + HOST + "\r\n",
        "GET /p HTTP/1.1 \r\n" + HOST + "\r\n",
        "GET /p HTTP/1.1 x\r\n" + HOST + "\r\n",
        "GET /p HTTP/1.2\r\n" + HOST + "\r\n",
        "GET /p HTTP/2.0\r\n" + HOST + "\r\n",
        "GET /p http/1.1\r\n" + HOST + "\r\n",
        "GET /p\r\n" + HOST + "\r\n",
        "GET\r\n" + HOST + "\r\n",
        "G(T /p HTTP/1.1\r\n" + HOST + "\r\n",
        "\0GET /p HTTP/1.1\r\n" + HOST + "\r\n",
        "GET /p HTTP/1.1\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: \r\n\r\n",
        "GET /p HTTP/1.1\r\n" + HOST + HOST + "\r\n",
        "GET /p HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: user@a\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: a:port\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: a:65536\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: [::1\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET http://user@chat.example.com/p HTTP/1.1\r\n" + HOST + "\r\n",
        // A PROXY header where it is off.
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /p HTTP/1.1\r\n" + HOST + "\r\n",
        "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u007f\0\0\u0001\u007f\0\0\u0001\0\1\0\2");
  }

  @ParameterizedTest
  @MethodSource({"lengths", "lines", "requestLinesAndHosts"})
  void anAmbiguousHeadGets400AndNothingPasses(String request) {
    client.send(request + NEXT);
    assertIs400AndTheEnd();
  }

  @ParameterizedTest
  @MethodSource({"lengths", "lines", "requestLinesAndHosts"})
  void alsoWhenItComesByteByByte(String request) {
    for (byte each : (request + NEXT).getBytes(StandardCharsets.ISO_8859_1)) {
      try {
        client.send(new byte[] {each});
      } catch (UncheckedIOException e) {
        // Answered and closed before the last byte.
        break;
      }
    }
    assertIs400AndTheEnd();
  }

  private void assertIs400AndTheEnd() {
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.all("connection")).containsExactly("close");
    assertThat(answer.has("x-request-id")).isTrue();
    client.readBody(answer);
    assertThat(client.readToEnd()).isEmpty();
    assertThat(upstream.gotRequest()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5;a=\"b\r\n\"\r\nhello\r\n0\r\n\r\n",
        "5;\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX: 1\nY: 2\r\n\r\n",
      })
  void anAmbiguousBodyEndsTheConnection(String body) {
    client.send(START + TE + "chunked\r\n\r\n" + body + NEXT);
    List<String> rest = client.readToEnd().lines().toList();
    assertThat(rest.getFirst()).isEqualTo("HTTP/1.1 400 Bad Request");
    assertThat(rest.stream().filter(line -> line.startsWith("HTTP/1.1"))).hasSize(1);
    assertThat(upstream.accepted()).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /p HTTP/1.1\r\n" + HOST + "X: tab\tinside \u00e4\r\n\r\n",
        "\r\n\r\nGET /p HTTP/1.1\r\nHost: CHAT.example.com.:8080\r\nX:\r\n\r\n",
        "GET http://chat.example.com/p HTTP/1.1\r\nHost: other.example.com\r\n\r\n",
        START + TE + "Chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\n\r\n",
        START + "Content-Length: 005\r\n\r\nhello",
      })
  void whatIsUnusualAndClearPasses(String request) throws Exception {
    client.send(request);
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(client.readBody(answer)).isEqualTo("ok");
    assertThat(upstream.request().target()).isEqualTo("/p");
  }
}
