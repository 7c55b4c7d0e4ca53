package dev.longshore.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import dev.longshore.proxy.testing.Patience;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.TlsClient;
import dev.longshore.proxy.testing.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One in a second, and 20 at once: beyond it a client is closed, and nobody else is. */
class TlsHandshakesPerClientTest {
  private static final String LIMITED = "longshore_tls_handshakes_total{outcome=\"limited\"}";

  private final RawUpstream upstream = RawUpstream.answering("hello");
  private final List<Socket> all = new ArrayList<>();

  @AfterEach
  void end() throws IOException {
    for (Socket socket : all) {
      socket.close();
    }
    upstream.close();
  }

  private TestProxy start(TestSettings settings) {
    return TestProxy.start(
        new TestRoutes().settings(settings.build()).all().to(upstream.address()),
        Transport.AUTO,
        1,
        ProcessBounds.DEFAULT.handshakesPerClient(1));
  }

  private Socket open(InetSocketAddress address, String from, String first) throws IOException {
    Socket socket =
        new Socket(address.getAddress(), address.getPort(), InetAddress.getByName(from), 0);
    all.add(socket);
    socket.setSoTimeout((int) Patience.MOST.toMillis());
    socket.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Whether it is closed, by RST or not, before anything was said about TLS. */
  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Tag("tls")
  @Test
  void beyondItsRateAClientIsClosedAtOnceAndNobodyElseIs() throws Exception {
    try (TestProxy proxy = start(new TestSettings())) {
      InetSocketAddress https = proxy.dataPlane().boundHttps().getFirst();
      for (int i = 0; i < 99; i++) {
        open(https, "127.0.0.2", "");
      }
      Socket last = open(https, "127.0.0.2", "");
      assertThat(isClosed(last)).isTrue();
      await().until(() -> proxy.metric(LIMITED) >= 40);
      assertThat(TlsClient.to(proxy).name("chat.example.com").connect()).isNotNull();
      // Counted when the server has the client's last word, of which the client doesn't wait.
      await()
          .until(
              () -> proxy.metric("longshore_tls_handshakes_total{outcome=\"established\"}") == 1);
    }
  }

  @Test
  void inTheClearThereIsNothingToBound() throws Exception {
    try (TestProxy proxy = start(new TestSettings())) {
      for (int i = 0; i < 50; i++) {
        all.add(proxy.connect(Wire.PLAIN).socket());
      }
      assertThat(proxy.metric(LIMITED)).isZero();
    }
  }

  @Test
  void trustedProxiesBringTheHandshakesOfMany() throws Exception {
    try (TestProxy proxy = start(new TestSettings().trusting("127.0.0.2/32"))) {
      InetSocketAddress https = proxy.dataPlane().boundHttps().getFirst();
      for (int i = 0; i < 50; i++) {
        open(https, "127.0.0.2", "");
      }
      await().until(() -> proxy.metric("longshore_connections_open") == 50);
      assertThat(proxy.metric(LIMITED)).isZero();
    }
  }

  @Test
  void behindAProxyHeaderItIsWhomThatNames() throws Exception {
    try (TestProxy proxy = start(new TestSettings().proxyProtocol(ProxyProtocol.REQUIRED))) {
      InetSocketAddress https = proxy.dataPlane().boundHttps().getFirst();
      for (int i = 0; i < 30; i++) {
        open(https, "127.0.0.1", "PROXY TCP4 192.0.2." + i + " 192.0.2.99 1 443\r\n");
      }
      await()
          .until(
              () ->
                  proxy.metric("longshore_proxy_protocol_headers_total{outcome=\"accepted\"}")
                      == 30);
      assertThat(proxy.metric(LIMITED)).isZero();
      for (int i = 0; i < 100; i++) {
        open(https, "127.0.0.1", "PROXY TCP4 192.0.2.77 192.0.2.99 1 443\r\n");
      }
      await().until(() -> proxy.metric(LIMITED) >= 40);
    }
  }
}
