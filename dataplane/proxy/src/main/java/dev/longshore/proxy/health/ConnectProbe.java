package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** Whether a connection can be made, over TLS where there is to be TLS. Nothing is sent over it. */
final class ConnectProbe extends Probe<UpstreamConnection> {
  ConnectProbe(DeadlineSweep deadlines, @Nullable TlsTarget tls, Verdict verdict) {
    super(deadlines, tls, verdict);
  }

  @Override
  protected void ask(UpstreamConnection connection) {
    good();
    stop();
  }

  @Override
  protected void judge(HttpResponseStatus status, HttpHeaders fields) {
    // To nothing that was asked, and the verdict is known.
  }
}
