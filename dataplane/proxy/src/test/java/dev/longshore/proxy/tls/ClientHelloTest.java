package dev.longshore.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** What is read from the ClientHello that the JDK writes. */
class ClientHelloTest {
  private static final int RECORD_AND_MESSAGE_HEADER = 5 + 4;

  @Test
  void theNameIsLowerCaseAndWithoutItsDot() throws Exception {
    assertThat(hello("Chat.Example.COM").serverName()).isEqualTo("chat.example.com");
    assertThat(ClientHello.parse(bytes(new SSLParameters())).serverName()).isNull();
  }

  @Test
  void aClientOf12WithRsaSuitesAloneGetsNoEcdsa() throws Exception {
    SSLParameters rsaOnly = new SSLParameters();
    rsaOnly.setProtocols(new String[] {"TLSv1.2"});
    rsaOnly.setCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
    ClientHello hello = ClientHello.parse(bytes(rsaOnly));
    assertThat(hello.verifies(KeyKind.ECDSA, 256)).isFalse();
    assertThat(hello.verifies(KeyKind.EDDSA, 0)).isFalse();
    assertThat(hello.verifies(KeyKind.RSA, 0)).isTrue();
  }

  @Test
  void theCurveCounts() throws Exception {
    SSLParameters p256 = new SSLParameters();
    p256.setSignatureSchemes(new String[] {"ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"});
    ClientHello hello = ClientHello.parse(bytes(p256));
    assertThat(hello.tls13()).isTrue();
    assertThat(hello.verifies(KeyKind.ECDSA, 256)).isTrue();
    assertThat(hello.verifies(KeyKind.ECDSA, 384)).isFalse();
    assertThat(hello.verifies(KeyKind.ECDSA, 521)).isFalse();
  }

  @Test
  void whoOffersProtocolsMustOfferOurs() throws Exception {
    assertThat(alpn().http11()).isTrue();
    assertThat(alpn("h2", "http/1.1").http11()).isTrue();
    assertThat(alpn("h2").http11()).isFalse();
  }

  @Test
  void whatIsCutOrTwistedIsRefusedAndNothingElseIsThrown() throws Exception {
    ByteBuf right = bytes(named("chat.example.com"));
    for (int length = 0; length < right.readableBytes(); length++) {
      ByteBuf cut = right.slice(0, length);
      if (length == withoutExtensions(right)) {
        // As of TLS 1.2 (RFC 5246 §7.4.1.2) there need not be any.
        assertThat(ClientHello.parse(cut).serverName()).isNull();
      } else {
        assertThatThrownBy(() -> ClientHello.parse(cut))
            .as("%d bytes", cut.readableBytes())
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      ByteBuf twisted = Unpooled.copiedBuffer(right);
      for (int i = 0; i <= random.nextInt(4); i++) {
        twisted.setByte(random.nextInt(twisted.readableBytes()), random.nextInt(256));
      }
      try {
        ClientHello.parse(twisted);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("ClientHello");
      }
    }
  }

  private static int withoutExtensions(ByteBuf hello) {
    int session = 2 + 32;
    int suites = session + 1 + hello.getUnsignedByte(session);
    int compression = suites + 2 + hello.getUnsignedShort(suites);
    return compression + 1 + hello.getUnsignedByte(compression);
  }

  private static ClientHello hello(String name) throws Exception {
    return ClientHello.parse(bytes(named(name)));
  }

  private static SSLParameters named(String name) {
    SSLParameters parameters = new SSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    return parameters;
  }

  private static ClientHello alpn(String... protocols) throws Exception {
    SSLParameters parameters = new SSLParameters();
    parameters.setApplicationProtocols(protocols);
    return ClientHello.parse(bytes(parameters));
  }

  /** The body of the message. */
  private static ByteBuf bytes(SSLParameters parameters) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    engine.setSSLParameters(parameters);
    ByteBuffer record = ByteBuffer.allocate(64 * 1024);
    engine.wrap(ByteBuffer.allocate(0), record);
    return Unpooled.wrappedBuffer(record.flip()).skipBytes(RECORD_AND_MESSAGE_HEADER).slice();
  }
}
