package dev.longshore.proxy.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;

/**
 * How a client reaches the proxy. Tests that hold whatever is under HTTP take one as a parameter,
 * so that each further wire runs the same cases.
 */
public enum Wire {
  /** TCP. */
  PLAIN,
  /** TLS, by the JDK, asking for {@code chat.example.com}. */
  TLS;

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

  /** What is spoken over the connection. */
  Socket over(Socket transport) throws IOException {
    if (this == PLAIN) {
      return transport;
    }
    SSLSocket socket =
        (SSLSocket)
            TestCertificates.clientContext()
                .getSocketFactory()
                .createSocket(transport, TestCertificates.HOST, transport.getPort(), true);
    socket.startHandshake();
    return socket;
  }
}
