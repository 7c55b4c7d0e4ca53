package dev.longshore.proxy.dial.http2;

import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.OutboundCall;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import org.jspecify.annotations.Nullable;

/**
 * Connections of HTTP/2 for questions of the proxy's own: each carries one, and ends behind it.
 * None of them is counted among those of requests. On the event loop.
 *
 * @param dialer of the same event loop, as the deadlines are
 */
public record OwnStreams(Dialer dialer, DeadlineSweep deadlines)
    implements OutboundCall.Way<OwnStream> {
  @Override
  public @Nullable OwnStream dial(
      EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    SharedUpstreams alone = new SharedUpstreams(dialer, deadlines, new SharedMeters(), 1);
    return alone.open(endpoint, tls, listener);
  }
}
