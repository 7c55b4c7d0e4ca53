package dev.longshore.proxy.handshake;

import dev.longshore.proxy.limit.Permit;
import dev.longshore.proxy.tunnel.EndpointLease;
import dev.longshore.proxy.upstream.EndpointState;
import java.net.InetSocketAddress;

/**
 * What passes from the handshake to the tunnel: the endpoint's count, and the permit of the
 * location's limits.
 */
record TunnelLease(EndpointState endpoint, Permit permit, long bytesOfHeap)
    implements EndpointLease {
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
    permit.release();
  }
}
