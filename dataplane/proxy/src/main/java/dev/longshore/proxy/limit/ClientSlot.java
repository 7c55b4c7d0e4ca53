package dev.longshore.proxy.limit;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The place of one client connection among all {@link Connections}, given back when it is closed.
 * Its methods are called on its event loop; its fields belong to {@link Connections}.
 */
public final class ClientSlot implements GenericFutureListener<Future<Void>> {
  private static final AttributeKey<ClientSlot> KEY = AttributeKey.valueOf("longshore.slot");

  private final Connections connections;
  private final Channel channel;
  @Nullable ClientSlot previous;
  @Nullable ClientSlot next;
  boolean linked;
  boolean displaced;
  boolean closed;
  boolean claimed;
  long network;

  ClientSlot(Connections connections, Channel channel) {
    this.connections = connections;
    this.channel = channel;
    channel.attr(KEY).set(this);
  }

  /** The place of an accepted connection. */
  public static ClientSlot of(Channel accepted) {
    return Objects.requireNonNull(accepted.attr(KEY).get(), "has not entered");
  }

  /**
   * Says whose it is, as soon as that is known. Once.
   *
   * @return false: the client has as many as it may, and this one is to be closed
   */
  public boolean claim(InetAddress client) {
    return connections.claim(this, client);
  }

  /** It waits for a request: it goes when somebody else needs the place. */
  public void waiting() {
    connections.waiting(this);
  }

  /** A request has come: it stays until it {@linkplain #waiting waits} again. */
  public void busy() {
    if (!connections.busy(this)) {
      // It was told to go just before its request came.
      channel.unsafe().close(channel.unsafe().voidPromise());
    }
  }

  /**
   * Takes another place, for a stream beside others: it may need an upstream connection as they do.
   *
   * @return false: there is none
   */
  public boolean takeStream() {
    return connections.acceptStream(this);
  }

  /** Gives such a place back. */
  public void giveStream() {
    connections.streamClosed(this);
  }

  /** It has become a tunnel: nobody asks for its place any more, which it keeps until its end. */
  @SuppressWarnings("deprecation") // For races between threads: this one is used on its loop only.
  public void settled() {
    channel.attr(KEY).getAndRemove();
  }

  /** Any thread. */
  void displace() {
    // Beneath TLS, which would first have a word to say.
    channel.eventLoop().execute(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
  }

  @Override
  public void operationComplete(Future<Void> closed) {
    connections.closed(this);
  }
}
