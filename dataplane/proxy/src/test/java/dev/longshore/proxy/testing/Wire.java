package dev.longshore.proxy.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * How a client reaches the proxy. Tests that hold whatever is under HTTP take one as a parameter,
 * so that each further wire runs the same cases.
 */
public enum Wire {
  /** TCP. */
  PLAIN;

  /** A connected socket whose reads fail after {@code timeout}. */
  public Socket connect(InetSocketAddress address, Duration timeout) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) timeout.toMillis());
    socket.connect(address, (int) timeout.toMillis());
    return socket;
  }
}
