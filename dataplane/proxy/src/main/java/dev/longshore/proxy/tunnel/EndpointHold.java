package dev.longshore.proxy.tunnel;

import java.net.InetSocketAddress;

/** An endpoint that counts a tunnel among its connections until it is released. */
public interface EndpointHold {
  /** Where the upstream connection leads. */
  InetSocketAddress socketAddress();

  /** Called exactly once, on the tunnel's event loop, when the tunnel has ended. */
  void release();
}
