package dev.longshore.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Addresses of loopback that refuse connections. */
public final class Refusing {
  /** Bound, so that nobody else gets the port, until the process ends; none of them listens. */
  private static final List<Socket> BOUND = new CopyOnWriteArrayList<>();

  private Refusing() {}

  /** Another address where nobody listens, as long as this process lives. */
  public static InetSocketAddress address() {
    return bound(false);
  }

  /** Another one, at which a data plane can listen, and nobody else does. Linux only. */
  public static InetSocketAddress openable() {
    return bound(true);
  }

  private static InetSocketAddress bound(boolean shared) {
    try {
      Socket socket = new Socket();
      socket.setReuseAddress(shared);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      BOUND.add(socket);
      return (InetSocketAddress) socket.getLocalSocketAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
