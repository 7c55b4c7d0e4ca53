package dev.longshore.proxy.listen;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.Listener;
import dev.longshore.contract.Listener.Protocol;
import dev.longshore.contract.Listener.TlsVersions;
import dev.longshore.contract.Settings.Tls;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.TlsClient;
import dev.longshore.proxy.testing.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Listeners that come and go with the table, beside those of the flags. */
@EnabledOnOs(OS.LINUX)
class TableListenersTest {
  private static final TlsVersions NEWEST = new TlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3);
  private static final TlsVersions OLDER = new TlsVersions(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2);

  private final RawUpstream upstream =
      RawUpstream.start(
          upstream -> {
            for (HttpHead request = upstream.readRequest();
                request != null;
                request = upstream.readRequest()) {
              if (request.has("upgrade")) {
                upstream.switchProtocols();
                upstream.echo();
                return;
              }
              upstream.answer("ok");
            }
          });

  private final TestProxy proxy = TestProxy.start(routes());
  private final InetSocketAddress address = Refusing.openable();

  @AfterEach
  void end() {
    proxy.close();
    upstream.close();
  }

  private TestRoutes routes() {
    return new TestRoutes()
        .certificate(
            TestCertificates.certificate(
                new CertificateKey("test", "other"),
                TestCertificates.issue("other.example.com"),
                "other.example.com"))
        .rule("other.example.com", "/")
        .to(upstream.address())
        .all()
        .to(upstream.address());
  }

  private Listener plain(String name, InetSocketAddress at, String... hosts) {
    return listener(name, at, Protocol.HTTP, null, null, hosts);
  }

  private static Listener listener(
      String name,
      InetSocketAddress at,
      Protocol protocol,
      @Nullable TlsVersions tls,
      @Nullable List<Cidr> proxies,
      String... hosts) {
    return new Listener(
        name,
        at.getAddress().getHostAddress(),
        at.getPort(),
        protocol,
        List.of(hosts),
        tls,
        proxies);
  }

  private void refused() {
    assertThatThrownBy(() -> RawClient.connect(Wire.PLAIN, address).close())
        .hasMessageContaining("refused");
  }

  private static int status(RawClient client, String host) {
    client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    HttpHead head = client.readHead();
    client.readBody(head);
    return head.status();
  }

  @Test
  void oneThatComesServesAsSoonAsItIsApplied() {
    refused();
    proxy.apply(routes().listener(plain("internal", address)));
    try (RawClient client = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(client, "chat.example.com")).isEqualTo(200);
    }
    assertThat(proxy.metric("longshore_listeners_open")).isEqualTo(3);
    assertThat(proxy.metric("longshore_listeners_failing")).isZero();
    assertThat(proxy.dataPlane().boundByTable()).containsExactly(address);
  }

  @Test
  void oneThatGoesLeavesItsTunnelsAndEndsWhatIsIdle() {
    proxy.apply(routes().listener(plain("internal", address)));
    try (RawClient tunnel = RawClient.connect(Wire.PLAIN, address);
        RawClient idle = RawClient.connect(Wire.PLAIN, address);
        RawClient busy = RawClient.connect(Wire.PLAIN, address);
        RawClient neighbour = proxy.connect(Wire.PLAIN)) {
      tunnel.send(handshake("/"));
      assertThat(tunnel.readHead().status()).isEqualTo(101);
      assertThat(status(idle, "chat.example.com")).isEqualTo(200);
      assertThat(status(neighbour, "chat.example.com")).isEqualTo(200);
      busy.send("GET /busy HTTP/1.1\r\nHost: chat.exam");
      await().until(() -> proxy.metric("longshore_connections_open") == 4);

      proxy.apply(routes());

      refused();
      assertThat(idle.readToEnd()).isEmpty();
      // What it is at goes on, and is its last.
      busy.send("ple.com\r\n\r\n");
      HttpHead head = busy.readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.first("connection")).isEqualTo("close");
      assertThat(busy.readToEnd()).isEqualTo("ok");
      tunnel.send(message("still"));
      assertThat(tunnel.read(11)).endsWith("still");
      assertThat(status(neighbour, "chat.example.com")).isEqualTo(200);

      proxy.apply(routes().listener(plain("internal", address)));
      try (RawClient again = RawClient.connect(Wire.PLAIN, address)) {
        assertThat(status(again, "chat.example.com")).isEqualTo(200);
        assertThat(status(again, "chat.example.com")).isEqualTo(200);
      }
      tunnel.send(message("still"));
      assertThat(tunnel.read(11)).endsWith("still");
    }
    assertThat(proxy.metric("longshore_listeners_open")).isEqualTo(3);
  }

  @Test
  void aPortThatIsTakenIsToldOfAndTakenWhenItIsFree() throws Exception {
    InetSocketAddress second = Refusing.openable();
    try (ServerSocket other = new ServerSocket()) {
      other.setReuseAddress(true);
      other.bind(address);
      proxy.apply(routes().listener(plain("taken", address)).listener(plain("free", second)));
      try (RawClient client = RawClient.connect(Wire.PLAIN, second)) {
        assertThat(status(client, "chat.example.com")).isEqualTo(200);
      }
      assertThat(proxy.metric("longshore_listeners_failing")).isEqualTo(1);
      assertThat(proxy.page("/readyz?verbose"))
          .startsWith("ready")
          .contains("listener taken: cannot listen on 127.0.0.1:" + address.getPort());
    }
    await().untilAsserted(() -> assertThat(proxy.metric("longshore_listeners_failing")).isZero());
    try (RawClient client = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(client, "chat.example.com")).isEqualTo(200);
    }
    assertThat(proxy.page("/readyz?verbose")).doesNotContain("listener taken");
  }

  @Test
  void oneThatNeverOpenedGoesQuietly() throws Exception {
    try (ServerSocket other = new ServerSocket()) {
      other.setReuseAddress(true);
      other.bind(address);
      proxy.apply(routes().listener(plain("taken", address)));
      proxy.apply(routes());
      assertThat(proxy.metric("longshore_listeners_failing")).isZero();
      assertThat(proxy.dataPlane().boundByTable()).isEmpty();
    }
  }

  @Test
  void aPortGoesFromOneToAnother() {
    proxy.apply(routes().listener(plain("a", address)));
    try (RawClient before = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(before, "chat.example.com")).isEqualTo(200);
      // Another name, and another protocol: connections of the first are not the second's.
      proxy.apply(routes().listener(listener("b", address, Protocol.HTTPS, null, null)));
      assertThat(before.readToEnd()).isEmpty();
    }
    try (RawClient secure = RawClient.connect(Wire.TLS, address)) {
      assertThat(status(secure, "chat.example.com")).isEqualTo(200);
    }
    proxy.apply(routes().listener(plain("b", address)));
    try (RawClient clear = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(clear, "chat.example.com")).isEqualTo(200);
    }
  }

  @Test
  void onlyItsHostsAreServedThere() {
    proxy.apply(routes().listener(plain("internal", address, "other.example.com")));
    try (RawClient client = RawClient.connect(Wire.PLAIN, address);
        RawClient neighbour = proxy.connect(Wire.PLAIN)) {
      assertThat(status(client, "other.example.com")).isEqualTo(200);
      assertThat(status(client, "chat.example.com")).isEqualTo(404);
      assertThat(status(neighbour, "chat.example.com")).isEqualTo(200);
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(404);
    }
    // As rules do, they hold for the next request of connections that are open.
    try (RawClient client = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(client, "chat.example.com")).isEqualTo(404);
      proxy.apply(routes().listener(plain("internal", address, "*.example.com")));
      assertThat(status(client, "chat.example.com")).isEqualTo(200);
      assertThat(status(client, "other.example.com")).isEqualTo(200);
      proxy.apply(routes().listener(plain("internal", address)));
      assertThat(status(client, "chat.example.com")).isEqualTo(200);
    }
  }

  @Test
  @Tag("tls")
  void onlyItsHostsHaveCertificatesThere() throws Exception {
    proxy.apply(
        routes()
            .listener(
                listener("internal", address, Protocol.HTTPS, null, null, "other.example.com")));
    assertThatThrownBy(() -> TlsClient.to(address).name("chat.example.com").connect())
        .hasMessageContaining("unrecognized_name");
    try (RawClient client = TlsClient.to(address).name("other.example.com").connect()) {
      assertThat(status(client, "other.example.com")).isEqualTo(200);
      assertThat(status(client, "chat.example.com")).isEqualTo(421);
    }
    try (RawClient neighbour = proxy.connect(Wire.TLS)) {
      assertThat(status(neighbour, "chat.example.com")).isEqualTo(200);
    }
  }

  @Test
  @Tag("tls")
  void versionsOfTlsAreItsOwn() throws Exception {
    proxy.apply(routes().listener(listener("internal", address, Protocol.HTTPS, NEWEST, null)));
    assertThat(version(address)).isEqualTo("TLSv1.3");
    assertThatThrownBy(() -> version(address, "TLSv1.2")).isInstanceOf(IOException.class);
    InetSocketAddress neighbour = proxy.dataPlane().boundHttps().getFirst();
    assertThat(version(neighbour, "TLSv1.2")).isEqualTo("TLSv1.2");
    proxy.apply(
        routes()
            .settings(
                new TestSettings()
                    .tls(new Tls(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3, List.of(), null, null))
                    .build())
            .listener(listener("internal", address, Protocol.HTTPS, OLDER, null)));
    // Those of others, of which the settings say something else.
    assertThat(version(address, "TLSv1.2", "TLSv1.3")).isEqualTo("TLSv1.2");
    assertThatThrownBy(() -> version(neighbour, "TLSv1.2")).isInstanceOf(IOException.class);
  }

  private static String version(InetSocketAddress at, String... offered) throws Exception {
    TlsClient client = TlsClient.to(at).name("chat.example.com");
    try (RawClient connection =
        (offered.length == 0 ? client : client.versions(offered)).connect()) {
      return TlsClient.tls(connection).getSession().getProtocol();
    }
  }

  @Test
  void proxyHeadersAreItsOwn() throws Exception {
    proxy.apply(
        routes()
            .listener(
                listener(
                    "balanced", address, Protocol.HTTP, null, List.of(Cidr.parse("127.0.0.0/8")))));
    try (RawClient client = RawClient.connect(Wire.PLAIN, address);
        RawClient bare = RawClient.connect(Wire.PLAIN, address);
        RawClient neighbour = proxy.connect(Wire.PLAIN)) {
      client.send("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n" + get("/"));
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(upstream.request().all("x-forwarded-for")).containsExactly("192.0.2.1");
      bare.send(get("/"));
      assertThat(bare.readToEnd()).isEmpty();
      assertThat(status(neighbour, "chat.example.com")).isEqualTo(200);
    }
    // Nobody's, whatever all others require.
    proxy.apply(
        routes()
            .settings(new TestSettings().proxyProtocolFrom("127.0.0.0/8").build())
            .listener(plain("balanced", address)));
    try (RawClient client = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(status(client, "chat.example.com")).isEqualTo(200);
    }
    proxy.apply(routes().listener(listener("balanced", address, Protocol.HTTP, null, List.of())));
    try (RawClient stranger = RawClient.connect(Wire.PLAIN, address)) {
      assertThat(stranger.readToEnd()).isEmpty();
    }
  }

  @Test
  void shutdownClosesThemToo() {
    proxy.apply(routes().listener(plain("internal", address)));
    proxy.dataPlane().close();
    refused();
  }
}
