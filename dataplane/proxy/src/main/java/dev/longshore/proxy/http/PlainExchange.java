package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plain request: bodies stream both ways as they come, each side reading only as fast as the
 * other takes it. A complete exchange leaves the upstream connection to the next one.
 */
final class PlainExchange extends UpstreamExchange {
  private static final int HEAD_BYTES = 1024;

  /** Those that may be sent twice when the first time went lost (RFC 9110 §9.2.2). */
  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE);

  private final BodyPace pace = new BodyPace(System::nanoTime);
  private final boolean repeatable;
  private boolean requestComplete;
  private boolean headUnsent;
  private boolean delivered;
  private boolean heldBack;
  private long bodyBytes;
  private boolean freshOnly;

  PlainExchange(ClientConnection client, Admitted admitted) {
    super(client, admitted);
    this.requestComplete = !admitted.request().hasBody();
    this.delivered = requestComplete;
    this.repeatable = requestComplete && IDEMPOTENT.contains(admitted.request().method());
  }

  @Override
  protected @Nullable UpstreamConnection connect(EndpointState endpoint) {
    TlsTarget tls = admitted().tlsTo(endpoint);
    if (!freshOnly) {
      UpstreamConnection kept = client().loopContext().idle().take(endpoint, tls, repeatable, this);
      if (kept != null) {
        return kept;
      }
    }
    return client().loopContext().dialer().dial(endpoint, tls, this);
  }

  @Override
  protected void send(UpstreamConnection connection) {
    connection.expectAnswerTo(request().isHead());
    client().answering(request());
    Channel channel = connection.channel();
    ByteBuf head = channel.alloc().buffer(HEAD_BYTES);
    boolean close = admitted().pool().config().keepalive().idleConnections() == 0;
    admitted().upstreamHead().writePlain(head, close);
    if (connection.reused()) {
      channel.writeAndFlush(head).addListener(written -> headUnsent = !written.isSuccess());
    } else {
      channel.writeAndFlush(head, channel.voidPromise());
    }
    pace.begin();
    armForAnswer();
    if (!requestComplete) {
      client().resume();
    }
  }

  private void armForAnswer() {
    client().arm(requestComplete ? timeouts().response() : bodyDue());
  }

  /** When whoever is to move the body on has taken too long: the client, or the upstream. */
  private Duration bodyDue() {
    Duration idle = timeouts().idle();
    Duration due = heldBack ? timeouts().writeStall() : Duration.ofNanos(pace.leftNanos());
    return due.isZero() || (idle.isPositive() && idle.compareTo(due) < 0) ? idle : due;
  }

  @Override
  public void requestPart(HttpContent content) {
    if (stage() != Stage.REQUESTED && stage() != Stage.ANSWERING) {
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      Throwable failure = content.decoderResult().cause();
      content.release();
      fail(
          LocalAnswer.malformed("the body is not well-formed")
              .because(Reason.BODY, HttpAnswers.words(failure)));
      return;
    }
    bodyBytes += content.content().readableBytes();
    pace.got(content.content().readableBytes());
    if (RequestReader.exceeds(bodyBytes, admitted().settings().bounds())) {
      content.release();
      fail(HttpAnswers.BODY_TOO_LARGE);
      return;
    }
    Channel to = upstream().channel();
    requestComplete = content instanceof LastHttpContent;
    if (upstream().hasStoppedTaking()) {
      // What it has said before is still read, and behind that, or this, the client's next move.
      content.release();
      return;
    }
    if (request().body() instanceof Body.Chunked) {
      Chunks.write(to, content);
    } else {
      to.write(content.content(), to.voidPromise());
    }
    if (requestComplete) {
      to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(all -> delivered = all.isSuccess());
    } else if (!to.isWritable()) {
      heldBack = true;
      client().pause();
      to.flush();
    }
    if (stage() == Stage.REQUESTED) {
      armForAnswer();
    } else if (stage() == Stage.ANSWERING) {
      client().arm(timeouts().idle());
    }
  }

  @Override
  public void clientReadComplete() {
    if (stage() == Stage.REQUESTED || stage() == Stage.ANSWERING) {
      upstream().channel().flush();
    }
  }

  @Override
  public void upstreamWritabilityChanged() {
    if (!requestComplete && upstream().channel().isWritable()) {
      if (heldBack) {
        heldBack = false;
        pace.begin();
        if (stage() == Stage.REQUESTED) {
          armForAnswer();
        }
      }
      client().resume();
    }
  }

  /**
   * A kept connection may have been closed for idleness while the request was on its way. It is
   * sent once more if nobody can have acted on it, or it doesn't matter (RFC 9110 §9.2.2): if not
   * even its head left, or if it is idempotent; and nothing was heard, and all of it is still here.
   */
  @Override
  protected void lostBeforeAnswer(UpstreamConnection connection) {
    boolean untouched = !request().hasBody() || (bodyBytes == 0 && !requestComplete);
    boolean crossed =
        connection.reused()
            && connection.isSilent()
            && untouched
            && (headUnsent || IDEMPOTENT.contains(request().method()));
    if (crossed) {
      freshOnly = true;
      client().pause();
      releaseEndpoint();
      attempt();
      return;
    }
    if (connection.reused() && connection.isSilent()) {
      lost(UpstreamFailure.RESET);
    } else {
      failed(UpstreamFailure.RESET);
    }
    fail(
        LocalAnswer.badGateway("the upstream closed the connection without an answer")
            .because(Reason.UPSTREAM_CLOSED));
  }

  @Override
  protected void answerOverdue() {
    if (heldBack && !requestComplete) {
      fail(LocalAnswer.gatewayTimeout("the upstream stopped taking the request"));
      return;
    }
    if (!requestComplete) {
      fail(HttpAnswers.REQUEST_TIMEOUT);
      return;
    }
    failed(UpstreamFailure.RESPONSE_TIMEOUT);
    fail(LocalAnswer.gatewayTimeout("the upstream did not answer in time"));
  }

  @Override
  protected void finalAnswer(HttpResponse response) {
    if (response.status().code() == 101) {
      failed(UpstreamFailure.BAD_HANDSHAKE);
      fail(
          LocalAnswer.badGateway("the upstream switched protocols without being asked")
              .because(Reason.UPSTREAM_UPGRADE));
      return;
    }
    client().arm(timeouts().idle());
    // An answer before the end of the request: what follows of that is not read to its end.
    relayHead(response, requestComplete && client().mayKeepAlive(request()));
  }

  @Override
  public void answerPart(HttpContent content) {
    if (stage() == Stage.ANSWERING) {
      client().arm(timeouts().idle());
    }
    super.answerPart(content);
  }

  @Override
  protected void answered() {
    releaseEndpoint();
    UpstreamConnection connection = detach();
    if (requestComplete && relay().upstreamKeepAlive()) {
      client()
          .loopContext()
          .idle()
          .give(connection, admitted().pool().config().keepalive(), relay().upstreamKeeps());
    } else {
      connection.abandon();
    }
    client().finished(requestComplete && relay().clientKeepAlive());
  }

  @Override
  protected boolean requestDelivered() {
    return delivered;
  }

  @Override
  protected long requestBytes() {
    return bodyBytes;
  }

  @Override
  protected void ended() {
    // Nothing is held here but what was admitted.
  }

  @Override
  public void bytesBehindRequest(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void bytesBehindAnswer(ByteBuf bytes) {
    bytes.release();
  }
}
