package dev.longshore.proxy.handshake;

import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.http.Admitted;
import dev.longshore.proxy.http.Asker;
import dev.longshore.proxy.http.Attempts;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.ClientStream;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.ExchangeContext;
import dev.longshore.proxy.http.Protocol;
import dev.longshore.proxy.http.RequestRecorder;
import dev.longshore.proxy.http.UpstreamListener.Loss;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.http.Upstreams.Reuse;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket handshake. What the client sends behind its request is held, never parsed, and goes
 * upstream only behind a verified 101; any other answer is relayed as plain HTTP and then both
 * connections are closed, so that nobody can mistake those bytes for a request (Envoy
 * CVE-2024-23326).
 */
final class UpgradeExchange implements Exchange, Asker {
  private static final long END_SPREAD_MILLIS = 1000;

  private final ClientStream client;
  private final Admitted admitted;
  private final RequestRecorder recorder;
  private final Attempts attempts;
  private final AcceptKey keys;
  private final Tunnels tunnels;
  private final HeldBytes fromClient = new HeldBytes();
  private final HeldBytes fromUpstream = new HeldBytes();
  private final ClientHandshake offer;
  private @Nullable Switch switching;

  /** A verified 101 whose last part has not come. */
  private record Switch(VerifiedHandshake agreement, HttpHeaders fields) {}

  UpgradeExchange(
      ClientStream client,
      Admitted admitted,
      ExchangeContext context,
      AcceptKey keys,
      Tunnels tunnels) {
    this.client = client;
    this.admitted = admitted;
    this.recorder = context.recorder();
    this.attempts = new Attempts(client, admitted, context, this);
    this.offer = ClientHandshake.of(admitted.request().headers(), admitted.edits());
    this.keys = keys;
    this.tunnels = tunnels;
  }

  private Timeouts timeouts() {
    return admitted.policy().timeouts();
  }

  @Override
  public void start() {
    client.expectTunnel();
    attempts.begin(Reuse.NEVER);
  }

  @Override
  public void ask(UpstreamStream upstream) {
    upstream.handshake(
        admitted.upstreamHead(), offer.key(), offer.subprotocolsField(), offer.extensionsField());
    client.arm(timeouts().handshake());
  }

  // ---- from the client

  @Override
  public void requestData(ByteBuf bytes, boolean last) {
    if (attempts.isOver() || attempts.isAnswering()) {
      bytes.release();
      return;
    }
    fromClient.add(bytes);
    if (fromClient.isFull()) {
      client.pause();
    }
  }

  @Override
  public void requestTrailers(HttpHeaders trailers) {
    // A handshake has no body.
  }

  @Override
  public void requestMalformed(Throwable cause) {
    // Nor one that could be malformed.
  }

  /** It would be a tunnel of which one direction has ended before it began. */
  @Override
  public boolean needsInput() {
    return true;
  }

  @Override
  public void clientReadComplete() {
    // Nothing goes upstream before the 101.
  }

  @Override
  public void clientWritabilityChanged() {
    attempts.clientWritabilityChanged();
  }

  @Override
  public void clientGone() {
    attempts.clientGone();
  }

  @Override
  public void expired() {
    attempts.expired();
  }

  @Override
  public long heldBytes() {
    return attempts.heldBytes() + fromClient.bytes() + fromUpstream.bytes();
  }

  // ---- from the upstream

  @Override
  public void upstreamWritabilityChanged() {
    // One small head is all that is written.
  }

  @Override
  public void lost(Loss loss) {
    attempts.failed(UpstreamFailure.RESET);
    attempts.retryOr(
        LocalAnswer.badGateway("the upstream closed the connection without an answer")
            .because(Reason.UPSTREAM_CLOSED));
  }

  @Override
  public void overdue() {
    attempts.failed(UpstreamFailure.HANDSHAKE_TIMEOUT);
    attempts.retryOr(
        LocalAnswer.gatewayTimeout("the upstream did not answer the handshake in time"));
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      verify(fields);
      return;
    }
    if (attempts.isOnStream() && status.code() < 300) {
      accepted(fields);
      return;
    }
    if (admitted.request().protocol() == Protocol.HTTP_2 && status.code() < 300) {
      // To an extended CONNECT every 2xx says that there is a tunnel (RFC 8441 §5).
      attempts.fail(
          LocalAnswer.badGateway("the upstream did not switch protocols")
              .because(Reason.HANDSHAKE_UPGRADE, "status " + status.code() + " instead of 101"));
      return;
    }
    client.arm(timeouts().response());
    attempts.relay(status, fields, Duration.ZERO);
    // They were for a tunnel. Unread, they would turn the end of the answer into a reset.
    fromClient.release();
    client.resume();
  }

  /** On a stream the head is all that there is of an answer. */
  private void accepted(HttpHeaders fields) {
    switch (VerifiedHandshake.ofStream(fields, offer, keys.answerTo(offer.key()))) {
      case VerifiedHandshake.Result.Agreed(VerifiedHandshake agreement) ->
          establish(agreement, fields);
      case VerifiedHandshake.Result.Refused(Reason reason, String detail) -> refuse(reason, detail);
    }
  }

  private void verify(HttpHeaders fields) {
    switch (VerifiedHandshake.verify(fields, offer, keys.answerTo(offer.key()))) {
      // Complete only with its last part, which comes at once.
      case VerifiedHandshake.Result.Agreed(VerifiedHandshake agreement) ->
          switching = new Switch(agreement, fields);
      case VerifiedHandshake.Result.Refused(Reason reason, String detail) -> refuse(reason, detail);
    }
  }

  private void refuse(Reason reason, String detail) {
    attempts.failed(UpstreamFailure.BAD_HANDSHAKE);
    attempts.fail(
        LocalAnswer.badGateway("the upstream's answer to the handshake is not a valid 101")
            .because(reason, detail));
  }

  @Override
  public void aside(ByteBuf bytes, boolean last) {
    Switch verified = switching;
    if (verified == null) {
      fromUpstream.add(bytes);
      return;
    }
    switching = null;
    bytes.release();
    if (last) {
      establish(verified.agreement(), verified.fields());
    } else {
      refuse(Reason.HANDSHAKE_FRAMING, "the 101 has a body");
    }
  }

  private void establish(VerifiedHandshake agreement, HttpHeaders fields) {
    attempts.upstream().leaveHttp();
    attempts.edit(fields);
    ByteBuf early = fromClient.take();
    ByteBuf behind = fromUpstream.take();
    attempts.succeeded();
    TunnelLease held =
        new TunnelLease(attempts.takeEndpoint(), admitted.takePermit(), admitted.guardBytes());
    Carrier upstream = attempts.detach().handOver();
    String subprotocol =
        agreement.subprotocol() == null ? admitted.subprotocolOtherwise() : agreement.subprotocol();
    Carrier downstream =
        client.accept(agreement.accept(), subprotocol, agreement.extensions(), fields);
    ClientRequest request = admitted.request();
    TunnelContext context =
        new TunnelContext(
            request.client().text(),
            request.id(),
            request.host(),
            request.target().path(),
            admitted.rule().rule(),
            admitted.policy().tunnels(),
            held,
            origin(),
            request.secure(),
            subprotocol,
            request.protocol().text(),
            admitted.proofs());
    recorder.established(request);
    Tunnel tunnel = tunnels.establish(downstream, upstream, context, early, behind);
    admitted.opened(tunnel::revoke);
    Instant end = admitted.end();
    if (end != null) {
      tunnel.endIn(Duration.between(Instant.now(), end).plus(spread()));
    }
  }

  /** Tokens of one minute would all come back in one moment. */
  private static Duration spread() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(END_SPREAD_MILLIS));
  }

  /** Several are no origin that anybody could allow. */
  private @Nullable String origin() {
    List<String> origins = admitted.request().headers().getAll(HttpHeaderNames.ORIGIN);
    return origins.isEmpty() ? null : String.join(", ", origins);
  }

  @Override
  public void answered() {
    attempts.detach().abandon();
    client.finished();
  }

  @Override
  public long requestBytes() {
    return 0;
  }

  @Override
  public void ended() {
    fromClient.release();
    fromUpstream.release();
  }
}
