package dev.longshore.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.proxy.testing.Patience;
import dev.longshore.proxy.testing.TestCertificates;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which sessions a client can resume, by the JDK's client, which resumes whatever it may. */
class ResumptionTest {
  private static final String ONE = "chat.example.com";
  private static final String OTHER = "other.example.com";

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final SSLContext client = TestCertificates.trusting(TestCertificates.authority());
  private volatile Certificates certificates = Certificates.empty();
  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
  private int port;

  private void serve(TlsLibrary library) {
    show(library, ONE, TestCertificates.issue(ONE));
    show(library, OTHER, TestCertificates.issue(OTHER));
    Channel listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    ServerHandshake.install(
                        channel, () -> certificates, TlsTerms.NONE, new Greeter());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
    port = ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Says who was asked for; that reading it takes up what came before, a ticket perhaps. */
  private static final class Greeter implements ServerHandshake.Listener {
    @Override
    public void secured(Channel channel, TlsSession session) {
      channel.writeAndFlush(
          Unpooled.copiedBuffer(session.serverName() + "\n", StandardCharsets.US_ASCII));
    }

    @Override
    public void failed(Channel channel, ServerHandshake.Failure failure) {}
  }

  private void show(TlsLibrary library, String host, X509Bundle bundle) {
    RoutingSnapshot next =
        SnapshotBuilder.from(snapshot)
            .put(
                new Certificate(
                    new CertificateKey("test", host),
                    List.of(host),
                    bundle.getCertificatePathPEM(),
                    new Secret(bundle.getPrivateKeyPEM())))
            .build();
    apply(next, library);
  }

  private void apply(RoutingSnapshot next, TlsLibrary library) {
    Certificates.Update update = certificates.prepare(snapshot, next, () -> library);
    assertThat(update.errors()).isEmpty();
    certificates = update.certificates();
    snapshot = next;
    update.commit();
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 5, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    apply(RoutingSnapshot.EMPTY, TlsLibrary.JDK);
  }

  private SSLSession session(String version, String name) throws Exception {
    try (Socket transport = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket tls =
            (SSLSocket) client.getSocketFactory().createSocket(transport, name, port, true)) {
      tls.setSoTimeout((int) Patience.MOST.toMillis());
      tls.setEnabledProtocols(new String[] {version});
      tls.startHandshake();
      byte[] greeting = tls.getInputStream().readNBytes(name.length() + 1);
      assertThat(new String(greeting, StandardCharsets.US_ASCII)).isEqualTo(name + "\n");
      assertThat(tls.getSession().getPeerCertificates()[0].toString()).contains("CN=" + name);
      return tls.getSession();
    }
  }

  /** A resumed one is as old as the one before. */
  private static boolean resumed(SSLSession before, SSLSession now) {
    return before.getCreationTime() == now.getCreationTime();
  }

  /** Creation times are in milliseconds: a session from now on is younger. */
  private static void awaitYounger(SSLSession than) {
    while (System.currentTimeMillis() <= than.getCreationTime()) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(TlsLibrary.class)
  void noneOfTls12(TlsLibrary library) throws Exception {
    serve(library);
    SSLSession before = session("TLSv1.2", ONE);
    for (int i = 0; i < 3; i++) {
      awaitYounger(before);
      SSLSession now = session("TLSv1.2", ONE);
      assertThat(resumed(before, now)).isFalse();
      before = now;
    }
  }

  @ParameterizedTest
  @CsvSource({"BORING_SSL, true", "JDK, false"})
  void ofTls13ByTickets(TlsLibrary library, boolean tickets) throws Exception {
    serve(library);
    SSLSession before = session("TLSv1.3", ONE);
    // Others come between, so that the one that the JDK keeps isn't this.
    session("TLSv1.3", OTHER);
    session("TLSv1.3", OTHER);
    awaitYounger(before);
    assertThat(resumed(before, session("TLSv1.3", ONE))).isEqualTo(tickets);
  }

  @ParameterizedTest
  @CsvSource({"BORING_SSL, TLSv1.2", "BORING_SSL, TLSv1.3", "JDK, TLSv1.2", "JDK, TLSv1.3"})
  void noneOfACertificateThatWasReplaced(TlsLibrary library, String version) throws Exception {
    serve(library);
    SSLSession before = session(version, ONE);
    X509Bundle renewed = TestCertificates.issue(ONE);
    show(library, ONE, renewed);
    awaitYounger(before);
    SSLSession now = session(version, ONE);
    assertThat(resumed(before, now)).isFalse();
    assertThat(Objects.requireNonNull(now.getPeerCertificates())[0])
        .isEqualTo(renewed.getCertificate());
  }
}
