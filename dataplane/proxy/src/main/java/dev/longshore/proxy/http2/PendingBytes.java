package dev.longshore.proxy.http2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.StreamByteDistributor;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Shares a connection's window evenly among its streams, as RFC 9113 §5.3 leaves to a server, and
 * tells each what of it waits. Priorities are not heard: a tree of them is what clients could have
 * us build. Netty's own word on whether a stream is writable won't do: by that, one that its client
 * gives no window stops all others of the connection.
 */
final class PendingBytes implements StreamByteDistributor {
  private final UniformStreamByteDistributor uniform;
  private final Http2Connection.PropertyKey key;

  /**
   * Tells those that are a property of their stream by {@code key}, if they are {@link Outflow}s.
   */
  PendingBytes(Http2Connection connection, Http2Connection.PropertyKey key) {
    this.uniform = new UniformStreamByteDistributor(connection);
    this.key = key;
  }

  @Override
  public void updateStreamableBytes(StreamState state) {
    uniform.updateStreamableBytes(state);
    Outflow stream = state.stream().getProperty(key);
    if (stream != null) {
      stream.pending(state.pendingBytes());
    }
  }

  @Override
  public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {
    // All are equal.
  }

  @Override
  public boolean distribute(int maxBytes, Writer writer) throws Http2Exception {
    return uniform.distribute(maxBytes, writer);
  }
}
