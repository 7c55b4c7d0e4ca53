package dev.longshore.proxy.http;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.ProxyHeaderOutcome;
import dev.longshore.proxy.observe.RequestEntry;
import dev.longshore.proxy.observe.TlsOutcome;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.tls.ServerHandshake;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells metrics and access log how each request ended. Shared by all event loops. */
public final class RequestRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(RequestRecorder.class);
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final AtomicLong nextTlsComplaint = new AtomicLong(System.nanoTime());
  private final AtomicLong nextPeerComplaint = new AtomicLong(System.nanoTime());
  private final Metrics metrics;
  private final AccessLog accessLog;

  /** Reports to both. */
  public RequestRecorder(Metrics metrics, AccessLog accessLog) {
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
   * @param endpoint the last one tried; null: none was
   * @param failure why the client got no complete answer of an upstream; null: it did, or left
   */
  record End(
      int status,
      HandshakeOutcome outcome,
      long bytesFromClient,
      long bytesToClient,
      @Nullable RuleSource source,
      @Nullable InetSocketAddress endpoint,
      @Nullable Failure failure) {}

  /** A handshake has become a tunnel, which is logged at its end. */
  public void established(ClientRequest request) {
    metrics.handshakeEstablished(System.nanoTime() - request.startNanos());
  }

  /**
   * A call of gRPC is over that went to an endpoint.
   *
   * @param code its status, 0 to 16
   */
  void called(int code, long messagesFromClient, long messagesFromUpstream) {
    metrics.called(code, messagesFromClient, messagesFromUpstream);
  }

  /** An attempt on an endpoint failed. */
  void upstreamFailure(UpstreamFailure failure) {
    metrics.upstreamFailure(failure);
  }

  /**
   * Says why TLS to an endpoint failed, so that it can be mended: the client is told nothing of it.
   * At most every few seconds, for a pool that is wrong is asked for all the time.
   */
  void upstreamTlsFailure(Pool pool, @Nullable EndpointState endpoint, Throwable cause) {
    if (due(nextTlsComplaint)) {
      LOG.warn(
          "TLS to {} of {} failed: {}",
          endpoint == null ? "an endpoint" : endpoint.socketAddress(),
          pool,
          String.valueOf(root(cause).getMessage()));
    }
  }

  /** The libraries wrap what they mean, such as a name that doesn't match. */
  static Throwable root(Throwable failure) {
    Throwable deepest = failure;
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      deepest = cause;
    }
    return deepest;
  }

  /** A request was refused before any endpoint was tried. */
  void refused(ClientRequest request, LocalAnswer refusal, @Nullable RuleSource source) {
    ended(
        request,
        new End(
            refusal.status().code(),
            refusal.outcome(),
            0,
            refusal.body() == null || request.isHead() ? 0 : refusal.body().length(),
            source,
            null,
            refusal.failure()));
  }

  /** A request is over. */
  void ended(ClientRequest request, End end) {
    long nanos = System.nanoTime() - request.startNanos();
    if (request.websocket()) {
      metrics.handshake(end.outcome());
    } else if (end.status() > 0) {
      metrics.request(end.status(), nanos);
    }
    Failure failure = end.failure();
    if (failure != null) {
      metrics.refused(failure.reason());
    }
    accessLog.request(
        new RequestEntry(
            Instant.now().minusNanos(nanos),
            request.client().text(),
            request.id(),
            request.protocol().text(),
            request.method().name(),
            request.host(),
            request.target().path(),
            request.websocket(),
            end.status(),
            nanos,
            end.bytesFromClient(),
            end.bytesToClient(),
            end.source(),
            end.endpoint(),
            failure));
  }

  /** A client was cut because it took nothing of its answers. */
  public void stalled() {
    metrics.clientStalled();
  }

  /**
   * A client broke the rules of HTTP/2, or was too expensive.
   *
   * @param connection whether all of its connection ended, and not one stream
   * @param code that it was told, such as {@code PROTOCOL_ERROR}
   */
  public void http2Broken(boolean connection, String code) {
    metrics.http2Broken(connection, code);
  }

  /** A TLS handshake with a client is complete. */
  public void tlsEstablished() {
    metrics.tlsHandshake(TlsOutcome.ESTABLISHED);
  }

  /** A client may not begin as many TLS handshakes. */
  public void tlsLimited() {
    metrics.tlsHandshake(TlsOutcome.LIMITED);
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

  /** A connection's PROXY header was read, or refused. */
  public void proxyHeader(ProxyHeaderOutcome outcome) {
    metrics.proxyHeader(outcome);
  }

  /**
   * A connection came from where no PROXY header is believed. Says so every few seconds at most,
   * because a balancer whose range is missing looks the same as somebody who has no business here.
   */
  public void proxyHeaderUntrusted(InetAddress peer) {
    metrics.proxyHeader(ProxyHeaderOutcome.UNTRUSTED);
    if (due(nextPeerComplaint)) {
      LOG.warn(
          "a connection from {} was closed: it is in none of the ranges of proxyProtocolFrom",
          peer.getHostAddress());
    }
  }

  private static boolean due(AtomicLong next) {
    long now = System.nanoTime();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + COMPLAINT_NANOS);
  }

  /**
   * Something was answered that could not be read as a request.
   *
   * @param protocol that is spoken on its connection
   * @param client its address, as far as it could be told
   * @param seen what could be read of it
   */
  public void unreadable(
      Protocol protocol, String client, String id, LocalAnswer refusal, PartialHead seen) {
    metrics.request(refusal.status().code(), 0);
    metrics.refused(refusal.failure().reason());
    accessLog.request(
        new RequestEntry(
            Instant.now(),
            client,
            id,
            protocol.text(),
            seen.method(),
            seen.host(),
            seen.path(),
            false,
            refusal.status().code(),
            0,
            0,
            0,
            null,
            null,
            refusal.failure()));
  }
}
