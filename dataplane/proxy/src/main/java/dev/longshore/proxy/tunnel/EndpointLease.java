package dev.longshore.proxy.tunnel;

import java.net.InetSocketAddress;

/** An endpoint that counts a tunnel among its connections until it is released. */
public interface EndpointLease {
  /** Where the upstream connection leads. */
  InetSocketAddress socketAddress();

  /**
   * What stands for the endpoint: the same object for every tunnel of the endpoint in one pool, and
   * equal to no other, so that these can be found together.
   */
  Object group();

  /** Whether the endpoint is going away. Any thread. */
  boolean draining();

  /** Called exactly once, on the tunnel's event loop, when the tunnel has ended. */
  void release();

  /** About what is kept of the heap for it as long as the tunnel is open. */
  default long bytesOfHeap() {
    return 0;
  }
}
