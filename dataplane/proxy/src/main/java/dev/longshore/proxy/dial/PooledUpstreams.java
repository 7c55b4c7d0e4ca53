package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.http.Upstreams;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import org.jspecify.annotations.Nullable;

/** Ways to endpoints that speak HTTP/1.1: a connection that rests, or a new one. */
public final class PooledUpstreams implements Upstreams {
  private final Dialer dialer;
  private final IdleConnections idle;

  /** Both of the same event loop. */
  public PooledUpstreams(Dialer dialer, IdleConnections idle) {
    this.dialer = dialer;
    this.idle = idle;
  }

  @Override
  public @Nullable UpstreamStream open(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      Wire wire,
      Reuse reuse,
      UpstreamListener listener) {
    if (reuse != Reuse.NEVER) {
      UpstreamConnection kept = idle.take(endpoint, tls, reuse == Reuse.ANY, listener);
      if (kept != null) {
        return kept;
      }
    }
    UpstreamConnection dialled = dialer.dial(endpoint, tls, listener);
    if (dialled != null) {
      dialled.keptIn(idle);
    }
    return dialled;
  }

  @Override
  public void closeIdle() {
    idle.closeAll();
  }
}
