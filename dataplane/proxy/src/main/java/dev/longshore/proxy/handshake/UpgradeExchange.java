package dev.longshore.proxy.handshake;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.http.Admitted;
import dev.longshore.proxy.http.ClientConnection;
import dev.longshore.proxy.http.UpstreamExchange;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.Tunnels;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket handshake. What the client sends behind its request is held, never parsed, and goes
 * upstream only behind a verified 101; any other answer is relayed as plain HTTP and then both
 * connections are closed, so that nobody can mistake those bytes for a request (Envoy
 * CVE-2024-23326).
 */
final class UpgradeExchange extends UpstreamExchange {
  private static final int HEAD_BYTES = 1024;

  private final AcceptKey keys;
  private final Tunnels tunnels;
  private final HeldBytes fromClient = new HeldBytes();
  private final HeldBytes fromUpstream = new HeldBytes();
  private final ClientHandshake offer;
  private @Nullable Switch switching;

  /** A verified 101 whose last part has not come. */
  private record Switch(VerifiedHandshake agreement, HttpResponse answer) {}

  UpgradeExchange(ClientConnection client, Admitted admitted, AcceptKey keys, Tunnels tunnels) {
    super(client, admitted);
    this.offer = ClientHandshake.of(admitted.request().headers(), admitted.edits());
    this.keys = keys;
    this.tunnels = tunnels;
  }

  @Override
  public void start() {
    client().leaveHttp();
    super.start();
  }

  @Override
  protected @Nullable UpstreamConnection connect(EndpointState endpoint) {
    return client().loopContext().dialer().dial(endpoint, admitted().tlsTo(endpoint), this);
  }

  @Override
  protected void send(UpstreamConnection connection) {
    Channel channel = connection.channel();
    ByteBuf head = channel.alloc().buffer(HEAD_BYTES);
    admitted()
        .upstreamHead()
        .writeHandshake(head, offer.key(), offer.subprotocolsField(), offer.extensionsField());
    channel.writeAndFlush(head, channel.voidPromise());
    client().arm(timeouts().handshake());
  }

  @Override
  public void bytesBehindRequest(ByteBuf bytes) {
    if (stage() == Stage.OVER || stage() == Stage.ANSWERING) {
      bytes.release();
      return;
    }
    fromClient.add(bytes);
    if (fromClient.isFull()) {
      client().channel().config().setAutoRead(false);
    }
  }

  @Override
  public void requestPart(HttpContent content) {
    // A handshake has no body; its empty end has been handled before this began.
    content.release();
  }

  @Override
  public void clientReadComplete() {
    // Nothing goes upstream before the 101.
  }

  @Override
  public void upstreamWritabilityChanged() {
    // One small head is all that is written.
  }

  @Override
  protected void lostBeforeAnswer(UpstreamConnection connection) {
    failed(UpstreamFailure.RESET);
    retryOr(
        LocalAnswer.badGateway("the upstream closed the connection without an answer")
            .because(Reason.UPSTREAM_CLOSED));
  }

  @Override
  protected void answerOverdue() {
    failed(UpstreamFailure.HANDSHAKE_TIMEOUT);
    retryOr(LocalAnswer.gatewayTimeout("the upstream did not answer the handshake in time"));
  }

  @Override
  protected void finalAnswer(HttpResponse response) {
    if (response.status().code() == 101) {
      verify(response);
      return;
    }
    client().arm(timeouts().response());
    relayHead(response, false);
    // They were for a tunnel. Unread, they would turn the end of the answer into a reset.
    fromClient.release();
    client().channel().config().setAutoRead(true);
  }

  private void verify(HttpResponse answer) {
    switch (VerifiedHandshake.verify(answer.headers(), offer, keys.answerTo(offer.key()))) {
      // Complete only with its last part, which the decoder sends at once.
      case VerifiedHandshake.Result.Agreed(VerifiedHandshake agreement) ->
          switching = new Switch(agreement, answer);
      case VerifiedHandshake.Result.Refused(Reason reason, String detail) -> refuse(reason, detail);
    }
  }

  private void refuse(Reason reason, String detail) {
    failed(UpstreamFailure.BAD_HANDSHAKE);
    fail(
        LocalAnswer.badGateway("the upstream's answer to the handshake is not a valid 101")
            .because(reason, detail));
  }

  @Override
  public void answerPart(HttpContent content) {
    Switch verified = switching;
    if (verified == null) {
      super.answerPart(content);
      return;
    }
    switching = null;
    boolean last = content instanceof LastHttpContent;
    content.release();
    if (last) {
      establish(verified.agreement(), verified.answer());
    } else {
      refuse(Reason.HANDSHAKE_FRAMING, "the 101 has a body");
    }
  }

  private void establish(VerifiedHandshake agreement, HttpResponse answer) {
    upstream().leaveHttp();
    Channel toClient = client().channel();
    ByteBuf head = toClient.alloc().buffer(HEAD_BYTES);
    edit(answer.headers());
    SwitchingProtocols.write(head, agreement, answer.headers());
    ByteBuf early = fromClient.take();
    ByteBuf behind = fromUpstream.take();
    succeeded();
    TunnelLease held = new TunnelLease(takeEndpoint(), admitted().takePermit());
    UpstreamConnection connection = detach();
    Channel toUpstream = connection.channel();
    connection.handOver();
    client().handOver();
    toClient.writeAndFlush(head, toClient.voidPromise());
    toClient.config().setAutoRead(true);
    TunnelContext context =
        new TunnelContext(
            request().client().text(),
            request().id(),
            request().host(),
            request().target().path(),
            admitted().rule().rule(),
            admitted().policy().tunnels(),
            held,
            origin(),
            request().secure(),
            agreement.subprotocol());
    client().loopContext().recorder().established(request());
    tunnels.establish(toClient, toUpstream, context, early, behind);
  }

  /** Several are no origin that anybody could allow. */
  private @Nullable String origin() {
    List<String> origins = request().headers().getAll(HttpHeaderNames.ORIGIN);
    return origins.isEmpty() ? null : String.join(", ", origins);
  }

  @Override
  protected void answered() {
    releaseEndpoint();
    detach().abandon();
    client().finished(false);
  }

  @Override
  public void bytesBehindAnswer(ByteBuf bytes) {
    if (stage() == Stage.OVER) {
      bytes.release();
    } else {
      fromUpstream.add(bytes);
    }
  }

  @Override
  protected boolean requestDelivered() {
    return true;
  }

  @Override
  protected long requestBytes() {
    return 0;
  }

  @Override
  public long heldBytes() {
    return super.heldBytes() + fromClient.bytes() + fromUpstream.bytes();
  }

  @Override
  protected void ended() {
    fromClient.release();
    fromUpstream.release();
  }
}
