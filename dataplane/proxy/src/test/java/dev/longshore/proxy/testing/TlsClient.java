package dev.longshore.proxy.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Connects over TLS, by the JDK, with what a test says and the JDK's defaults. */
public final class TlsClient {

  private final InetSocketAddress address;
  private final SSLParameters parameters = new SSLParameters();

  private TlsClient(InetSocketAddress address) {
    this.address = address;
  }

  /** To the first TLS listener. */
  public static TlsClient to(TestProxy proxy) {
    return to(proxy.dataPlane().boundHttps().getFirst());
  }

  /** To another TLS listener. */
  public static TlsClient to(InetSocketAddress address) {
    return new TlsClient(address);
  }

  /** Asks for a name; without, for none. */
  public TlsClient name(String name) {
    parameters.setServerNames(List.of(new SNIHostName(name)));
    return this;
  }

  /** Offers these versions only. */
  public TlsClient versions(String... versions) {
    parameters.setProtocols(versions);
    return this;
  }

  /** Offers these suites only. */
  public TlsClient suites(String... suites) {
    parameters.setCipherSuites(suites);
    return this;
  }

  /** Offers protocols by ALPN. */
  public TlsClient protocols(String... protocols) {
    parameters.setApplicationProtocols(protocols);
    return this;
  }

  /** Connects. */
  public RawClient connect() throws IOException {
    // One of its own: the JDK would resume a session, and ask for the name of that.
    SSLContext context = TestCertificates.trusting(TestCertificates.authority());
    Socket transport = Wire.open(address, Patience.MOST);
    try {
      // Without a name here, none is asked for but the parameters'.
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(transport, null, 0, true);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return RawClient.over(socket, transport);
    } catch (IOException e) {
      transport.close();
      throw e;
    }
  }

  /** The TLS of a connection. */
  public static SSLSocket tls(RawClient client) {
    return (SSLSocket) client.socket();
  }

  /** The certificate that a connection was shown; null when there was none. */
  public static @Nullable X509Certificate shown(RawClient client) {
    try {
      return (X509Certificate) tls(client).getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }
}
