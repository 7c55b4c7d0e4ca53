package dev.longshore.proxy.listen;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import dev.longshore.proxy.testing.Patience;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How many are let in, who has to make room, and that nobody else notices. */
@Timeout(60)
class ConnectionBoundsTest {
  private final RawUpstream upstream =
      RawUpstream.start(
          conversation -> {
            if (conversation.readRequest().has("upgrade")) {
              conversation.send(
                  "HTTP/1.1 101 Switching Protocols\r\n"
                      + "Upgrade: websocket\r\n"
                      + "Connection: Upgrade\r\n"
                      + "Sec-WebSocket-Accept: "
                      + RawClient.ACCEPT
                      + "\r\n\r\n");
              conversation.echo();
            } else {
              conversation.lastAnswer("hello");
            }
          });

  private final List<RawConnection> all = new ArrayList<>();

  @AfterEach
  void close() {
    all.forEach(RawConnection::close);
    upstream.close();
  }

  private TestProxy start(int most, int mostPerClient, TestSettings settings, Transport transport) {
    return TestProxy.start(
        new TestRoutes().settings(settings.build()).all().to(upstream.address()),
        transport,
        1, // so that they wait in the order in which they come
        ProcessBounds.DEFAULT.connections(most, mostPerClient));
  }

  private TestProxy start(int most, int mostPerClient) {
    return start(most, mostPerClient, new TestSettings(), Transport.AUTO);
  }

  private RawClient connect(TestProxy proxy, Wire wire) {
    RawClient client = proxy.connect(wire);
    all.add(client);
    return client;
  }

  private RawClient connectFrom(TestProxy proxy, String address) throws Exception {
    Socket socket =
        new Socket(
            proxy.address().getAddress(),
            proxy.address().getPort(),
            InetAddress.getByName(address),
            0);
    socket.setSoTimeout((int) Patience.MOST.toMillis());
    RawClient client = RawClient.over(socket, socket);
    all.add(client);
    return client;
  }

  private RawClient tunnel(RawClient client) {
    assertThat(client.send(handshake("/")).readHead().status()).isEqualTo(101);
    return client;
  }

  private static void echo(RawClient tunnel) {
    tunnel.send(message("still here"));
    assertThat(tunnel.read(message("still here").length())).isEqualTo(message("still here"));
  }

  /** What was accepted and closed; TLS isn't begun, for there is nobody to begin it with. */
  private void assertRefused(TestProxy proxy) throws Exception {
    assertThat(connectFrom(proxy, "127.0.0.1").readToEnd()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void atTheBoundNewOnesAreClosedAtOnceAndOpenOnesGoOn(Transport transport) throws Exception {
    assumeTrue(transport != Transport.IO_URING || IoUring.isAvailable());
    assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable());
    try (TestProxy proxy = start(4, 0, new TestSettings(), transport)) {
      List<RawClient> tunnels = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tunnels.add(tunnel(connect(proxy, i % 2 == 0 ? Wire.PLAIN : Wire.TLS)));
      }
      assertRefused(proxy);
      assertRefused(proxy);
      assertThat(proxy.metric("longshore_connections_refused_total{bound=\"process\"}"))
          .isEqualTo(2);
      assertThat(proxy.metric("longshore_connections_open")).isEqualTo(4);
      tunnels.forEach(ConnectionBoundsTest::echo);
      tunnels.getFirst().cut();
      await().until(() -> proxy.metric("longshore_connections_open") == 3);
      echo(tunnel(connect(proxy, Wire.PLAIN)));
    }
  }

  @Test
  void whoHasWaitedLongestForARequestMakesRoom() throws Exception {
    TestSettings patient = new TestSettings().headWithin(Duration.ofMinutes(1));
    try (TestProxy proxy = start(4, 0, patient, Transport.AUTO)) {
      RawClient tunnel = tunnel(connect(proxy, Wire.TLS));
      RawClient slowHead = connect(proxy, Wire.PLAIN);
      slowHead.send("GET / HTTP/1.1\r\nHost: cha");
      Socket silent = new Socket();
      silent.connect(proxy.dataPlane().boundHttps().getFirst());
      silent.setSoTimeout((int) Patience.MOST.toMillis());
      RawClient slowHello = RawClient.over(silent, silent);
      all.add(slowHello);
      slowHello.send("\u0016\u0003\u0001\u0001\u0000\u0001");
      RawClient idle = connect(proxy, Wire.PLAIN);
      assertThat(idle.readBody(idle.send(get("/")).readHead())).isEqualTo("hello");
      await().until(() -> proxy.metric("longshore_connections_open") == 4);

      echo(tunnel(connect(proxy, Wire.PLAIN)));
      assertThat(slowHead.readToEnd()).isEmpty();
      echo(tunnel(connect(proxy, Wire.TLS)));
      assertThat(slowHello.readToEnd()).isEmpty();
      echo(tunnel(connect(proxy, Wire.PLAIN)));
      assertThat(idle.readToEnd()).isEmpty();
      echo(tunnel);
      assertRefused(proxy);
      assertThat(proxy.metric("longshore_connections_displaced_total")).isEqualTo(3);
    }
  }

  @Test
  void oneClientCannotTakeAll() throws Exception {
    try (TestProxy proxy = start(0, 2)) {
      RawClient first = tunnel(connectFrom(proxy, "127.0.0.1"));
      RawClient second = tunnel(connectFrom(proxy, "127.0.0.1"));
      assertRefused(proxy);
      echo(tunnel(connectFrom(proxy, "127.0.0.2")));
      assertThat(proxy.metric("longshore_connections_refused_total{bound=\"client\"}"))
          .isEqualTo(1);
      echo(first);
      second.cut();
      await().until(() -> proxy.metric("longshore_connections_open") == 2);
      echo(tunnel(connectFrom(proxy, "127.0.0.1")));
    }
  }

  @Test
  void oneClientsSlowConnectionsMakeRoomForItsOwnOnes() throws Exception {
    TestSettings patient = new TestSettings().headWithin(Duration.ofMinutes(1));
    try (TestProxy proxy = start(0, 2, patient, Transport.AUTO)) {
      RawClient others = connectFrom(proxy, "127.0.0.2");
      others.send("GET / HTTP/1.1\r\nHost: ");
      RawClient first = connectFrom(proxy, "127.0.0.1");
      first.send("GET / HTTP/1.1\r\nHost: ");
      RawClient second = connectFrom(proxy, "127.0.0.1");
      second.send("GET / HTTP/1.1\r\nHost: ");
      await().until(() -> proxy.metric("longshore_connections_open") == 3);
      echo(tunnel(connectFrom(proxy, "127.0.0.1")));
      assertThat(first.readToEnd()).isEmpty();
      others.send("nobody\r\n\r\n");
      assertThat(others.readHead().status()).isEqualTo(404);
    }
  }

  @Test
  void trustedProxiesMayHaveAsManyAsAllTogether() throws Exception {
    TestSettings settings = new TestSettings().trusting("127.0.0.1/32");
    try (TestProxy proxy = start(0, 1, settings, Transport.AUTO)) {
      for (int i = 0; i < 4; i++) {
        echo(tunnel(connectFrom(proxy, "127.0.0.1")));
      }
    }
  }

  @Test
  void behindAPROXYHeaderItsSourceCounts() throws Exception {
    TestSettings settings = new TestSettings().proxyProtocol(ProxyProtocol.REQUIRED);
    try (TestProxy proxy = start(0, 1, settings, Transport.AUTO)) {
      for (int i = 1; i < 4; i++) {
        RawClient client = connectFrom(proxy, "127.0.0.1");
        client.send("PROXY TCP4 192.0.2." + i + " 192.0.2.100 1000 80\r\n");
        echo(tunnel(client));
      }
      RawClient again = connectFrom(proxy, "127.0.0.1");
      again.send("PROXY TCP4 192.0.2.2 192.0.2.100 1000 80\r\n");
      assertThat(again.readToEnd()).isEmpty();
    }
  }
}
