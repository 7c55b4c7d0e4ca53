package dev.longshore.proxy.listen;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.LeakCheck;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The PROXY protocol where it is on, and then required. Off: FramingTest. */
@ExtendWith(LeakCheck.class)
class ProxyProtocolTest {
  private static final String V2 = "\r\n\r\n\0\r\nQUIT\n";

  private RawUpstream upstream;
  private TestProxy proxy;
  private RawClient client;

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("ok");
    proxy =
        TestProxy.start(
            new TestRoutes()
                .settings(
                    new TestSettings()
                        .proxyProtocol(ProxyProtocol.REQUIRED)
                        .headWithin(Duration.ofSeconds(2))
                        .build())
                .all()
                .to(upstream.address()));
    client = proxy.connect(Wire.PLAIN);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  private HttpHead request(String proxyHeader) throws Exception {
    client.send(proxyHeader + get("/"));
    assertThat(client.readHead().status()).isEqualTo(200);
    return upstream.request();
  }

  @Test
  void version1GivesTheClient() throws Exception {
    HttpHead request = request("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
    assertThat(request.all("x-forwarded-for")).containsExactly("192.0.2.1");
    assertThat(request.all("x-forwarded-port")).containsExactly("443");
  }

  @Test
  void version1WithIpv6() throws Exception {
    HttpHead request = request("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n");
    assertThat(request.all("x-real-ip")).containsExactly("2001:db8::1");
    assertThat(request.first("forwarded")).startsWith("for=\"[2001:db8::1]\"");
  }

  @Test
  void version2GivesTheClient() throws Exception {
    HttpHead request =
        request(V2 + "!\u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb");
    assertThat(request.all("x-forwarded-for")).containsExactly("192.0.2.1");
    assertThat(request.all("x-forwarded-port")).containsExactly("443");
  }

  @Test
  void theBalancersOwnConnectionSpeaksForItself() throws Exception {
    HttpHead request = request(V2 + " \0\0\0");
    assertThat(request.all("x-forwarded-for")).containsExactly("127.0.0.1");
  }

  @Test
  void aConnectionWithoutOneIsClosed() {
    client.send(get("/"));
    assertThat(client.readToEnd()).isEmpty();
    assertThat(upstream.gotRequest()).isFalse();
  }

  @Test
  void aConnectionThatDoesNotGetToItIsClosed() {
    client.send("PROXY TCP4 192.0.2.1");
    assertThat(client.readToEnd()).isEmpty();
  }
}
