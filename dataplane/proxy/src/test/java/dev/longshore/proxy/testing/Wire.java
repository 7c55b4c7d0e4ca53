package dev.longshore.proxy.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * How a client reaches the proxy. Tests that hold whatever is under HTTP take one as a parameter,
 * so that each further wire runs the same cases.
 */
public enum Wire {
  /** TCP. */
  PLAIN,
  /** TLS, by the JDK, asking for {@code chat.example.com}. */
  TLS,
  /** HTTP/2 over TLS: what a test writes in HTTP/1.1 is a stream for each request. */
  HTTP2;

  /** {@code http} or {@code https}. */
  public String scheme() {
    return this == PLAIN ? "http" : "https";
  }

  /** A TCP connection whose reads fail after {@code timeout}. */
  static Socket open(InetSocketAddress address, Duration timeout) throws IOException {
    return open(new Socket(), address, timeout);
  }

  /** One that takes no more than about this many bytes that nobody reads. */
  static Socket openNarrow(InetSocketAddress address, Duration timeout, int bytes)
      throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(bytes);
    return open(socket, address, timeout);
  }

  private static Socket open(Socket socket, InetSocketAddress address, Duration timeout)
      throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) timeout.toMillis());
    socket.connect(address, (int) timeout.toMillis());
    return socket;
  }

  /** Whether HTTP/1.1 is spoken, whose connection may end with an answer. */
  public boolean isHttp1() {
    return this != HTTP2;
  }

  /**
   * What is spoken over the connection.
   *
   * @param narrow bytes that are taken and that nobody reads; 0: as many as may be
   */
  Socket over(Socket transport, int narrow) throws IOException {
    if (this == PLAIN) {
      return transport;
    }
    SSLSocket socket =
        (SSLSocket)
            TestCertificates.clientContext()
                .getSocketFactory()
                .createSocket(transport, TestCertificates.HOST, transport.getPort(), true);
    if (this == HTTP2) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
    }
    socket.startHandshake();
    return this == HTTP2 ? Http2Gateway.over(new RawConnection(socket, transport), narrow) : socket;
  }
}
