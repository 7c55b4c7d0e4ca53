package dev.longshore.proxy.http;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.HandshakeOutcome;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.RequestEntry;
import dev.longshore.proxy.observe.TlsOutcome;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.tls.ServerHandshake;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells metrics and access log how each request ended. Shared by all event loops. */
public final class Reports {
  private final Metrics metrics;
  private final AccessLog accessLog;

  /** Reports to both. */
  public Reports(Metrics metrics, AccessLog accessLog) {
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  /**
   * How a request ended.
   *
   * @param status the client got; 0: it left before
   * @param outcome if it was a handshake
   * @param bytesFromClient of the request body
   * @param bytesToClient of the answer's body
   * @param source the rule
   * @param endpoint the last one tried; null when it is not known any more
   */
  record End(
      int status,
      HandshakeOutcome outcome,
      long bytesFromClient,
      long bytesToClient,
      @Nullable RuleSource source,
      @Nullable InetSocketAddress endpoint) {}

  /** A handshake has become a tunnel, which is logged at its end. */
  public void established(ClientRequest request) {
    metrics.handshakeEstablished(System.nanoTime() - request.startNanos());
  }

  /** An attempt on an endpoint failed. */
  void upstreamFailure(UpstreamFailure failure) {
    metrics.upstreamFailure(failure);
  }

  /** A request was refused before any endpoint was tried. */
  void refused(ClientRequest request, Refusal refusal, @Nullable RuleSource source) {
    ended(request, new End(refusal.status().code(), refusal.outcome(), 0, 0, source, null));
  }

  /** A request is over. */
  void ended(ClientRequest request, End end) {
    long nanos = System.nanoTime() - request.startNanos();
    if (request.websocket()) {
      metrics.handshake(end.outcome());
    } else if (end.status() > 0) {
      metrics.request(end.status(), nanos);
    }
    accessLog.request(
        new RequestEntry(
            Instant.now().minusNanos(nanos),
            request.client().text(),
            request.id(),
            request.method().name(),
            request.host(),
            request.target().path(),
            request.websocket(),
            end.status(),
            nanos,
            end.bytesFromClient(),
            end.bytesToClient(),
            end.source(),
            end.endpoint()));
  }

  /** A TLS handshake with a client is complete. */
  public void tlsEstablished() {
    metrics.tlsHandshake(TlsOutcome.ESTABLISHED);
  }

  /**
   * A TLS handshake with a client failed.
   *
   * @param late whether because its time was over
   */
  public void tlsFailed(ServerHandshake.Failure failure, boolean late) {
    metrics.tlsHandshake(
        switch (failure) {
          case NO_CERTIFICATE -> TlsOutcome.NO_CERTIFICATE;
          case DISAGREEMENT -> TlsOutcome.FAILED;
          case ABANDONED -> late ? TlsOutcome.TIMED_OUT : TlsOutcome.ABANDONED;
        });
  }

  /** Something was answered that could not be read as a request. */
  void unreadable(Peer peer, String id, Refusal refusal) {
    metrics.request(refusal.status().code(), 0);
    accessLog.request(
        new RequestEntry(
            Instant.now(),
            peer.text(),
            id,
            "-",
            "",
            "",
            false,
            refusal.status().code(),
            0,
            0,
            0,
            null,
            null));
  }
}
