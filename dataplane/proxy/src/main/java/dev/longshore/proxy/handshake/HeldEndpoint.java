package dev.longshore.proxy.handshake;

import dev.longshore.proxy.tunnel.EndpointHold;
import dev.longshore.proxy.upstream.EndpointState;
import java.net.InetSocketAddress;

/** An endpoint's count, which passes from the handshake to the tunnel. */
record HeldEndpoint(EndpointState endpoint) implements EndpointHold {
  @Override
  public InetSocketAddress socketAddress() {
    return endpoint.socketAddress();
  }

  @Override
  public Object group() {
    return endpoint;
  }

  @Override
  public boolean draining() {
    return endpoint.draining();
  }

  @Override
  public void release() {
    endpoint.release();
  }
}
