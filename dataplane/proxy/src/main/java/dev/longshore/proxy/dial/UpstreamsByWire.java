package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.http.Upstreams;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import org.jspecify.annotations.Nullable;

/**
 * Ways to endpoints, whatever is spoken there.
 *
 * @param http1 for those that speak HTTP/1.1
 * @param http2 for those that speak HTTP/2
 */
public record UpstreamsByWire(Upstreams http1, Upstreams http2) implements Upstreams {
  @Override
  public @Nullable UpstreamStream open(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      Wire wire,
      Reuse reuse,
      UpstreamListener listener) {
    Upstreams spoken =
        switch (wire) {
          case HTTP_1_1 -> http1;
          case HTTP_2, EXTENDED_CONNECT -> http2;
        };
    return spoken.open(endpoint, tls, wire, reuse, listener);
  }

  @Override
  public void closeIdle() {
    http1.closeIdle();
    http2.closeIdle();
  }
}
