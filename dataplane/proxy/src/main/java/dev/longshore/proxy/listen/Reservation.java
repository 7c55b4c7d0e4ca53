package dev.longshore.proxy.listen;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * Keeps an address for a listener that opens later. It is bound and does not listen: whoever
 * connects is refused, an address that is taken is known at once, and a port that was picked stays.
 */
final class Reservation implements AutoCloseable {
  private final SocketChannel holder;
  private final InetSocketAddress address;

  private Reservation(SocketChannel holder, InetSocketAddress address) {
    this.holder = holder;
    this.address = address;
  }

  /**
   * Takes the address.
   *
   * @throws IOException if it can't be bound; the message names it
   */
  static Reservation of(InetSocketAddress address) throws IOException {
    SocketChannel holder = SocketChannel.open();
    try {
      // As the listener: so the two don't mind each other, nor connections of an earlier process.
      holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      holder.bind(address);
      int port = ((InetSocketAddress) holder.getLocalAddress()).getPort();
      return new Reservation(holder, new InetSocketAddress(address.getAddress(), port));
    } catch (IOException e) {
      holder.close();
      throw new IOException(hindrance(address, e), e);
    }
  }

  /** Says that one can't listen there, and why. */
  static String hindrance(InetSocketAddress address, Throwable cause) {
    return "cannot listen on "
        + address.getHostString()
        + ":"
        + address.getPort()
        + ": "
        + cause.getMessage();
  }

  /** The address with the port picked. */
  InetSocketAddress address() {
    return address;
  }

  /** Lets the address go. */
  @Override
  public void close() throws IOException {
    holder.close();
  }
}
