package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.http.UpstreamListener.Loss;
import dev.longshore.proxy.http.Upstreams.Reuse;
import dev.longshore.proxy.observe.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plain request: bodies stream both ways as they come, each side reading only as fast as the
 * other takes it. A complete exchange leaves the upstream stream to the next one.
 */
final class PlainExchange implements Exchange, Asker {
  /** Those that may be sent twice when the first time went lost (RFC 9110 §9.2.2). */
  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE);

  private final ClientStream client;
  private final Admitted admitted;
  private final Attempts attempts;
  private final BodyPace pace;
  private final @Nullable GrpcCall call;
  private boolean requestComplete;
  private boolean heldBack;
  private long bodyBytes;
  private int repeats;
  private @Nullable RepeatableBody repeatable;

  PlainExchange(ClientStream client, Admitted admitted, ExchangeContext context) {
    this.client = client;
    this.admitted = admitted;
    this.attempts = new Attempts(client, admitted, context, this);
    this.pace = new BodyPace(context.ticker());
    this.call = admitted.isCall() ? new GrpcCall(admitted, context, attempts) : null;
    this.requestComplete = !admitted.request().hasBody();
    // By HTTP/1.1 nobody says of a request that was sent that it has not been begun.
    this.repeatable =
        requestComplete || admitted.wire() == Upstreams.Wire.HTTP_1_1 ? null : new RepeatableBody();
  }

  private Timeouts timeouts() {
    return admitted.policy().timeouts();
  }

  private Keepalive kept() {
    return admitted.pool().config().keepalive();
  }

  private boolean isIdempotent() {
    return IDEMPOTENT.contains(admitted.request().method());
  }

  @Override
  public void start() {
    if (call != null) {
      call.begin();
    }
    attempts.begin(requestComplete && isIdempotent() ? Reuse.ANY : Reuse.RECENT);
  }

  @Override
  public void ask(UpstreamStream upstream) {
    upstream.request(admitted.upstreamHead(), kept());
    RepeatableBody again = repeatable;
    if (again != null && repeats > 0) {
      again.sendTo(upstream, requestComplete);
    }
    pace.begin();
    armForAnswer();
    if (!requestComplete) {
      client.resume();
    }
  }

  private void armForAnswer() {
    client.arm(requestComplete ? answerDue() : bodyDue());
  }

  /** What a caller of gRPC says itself is not cut short. */
  private Duration answerDue() {
    return call != null && call.isBounded() ? timeouts().idle() : timeouts().response();
  }

  /** When whoever is to move the body on has taken too long: the client, or the upstream. */
  private Duration bodyDue() {
    Duration idle = timeouts().idle();
    if (call != null && !heldBack) {
      // Its messages come when there is something to say.
      return idle;
    }
    Duration due = heldBack ? timeouts().writeStall() : Duration.ofNanos(pace.leftNanos());
    return due.isZero() || (idle.isPositive() && idle.compareTo(due) < 0) ? idle : due;
  }

  // ---- from the client

  private boolean isUnderWay() {
    return attempts.isAsked() || attempts.isAnswering();
  }

  @Override
  public void requestData(ByteBuf bytes, boolean last) {
    if (!isUnderWay()) {
      bytes.release();
      return;
    }
    bodyBytes += bytes.readableBytes();
    pace.got(bytes.readableBytes());
    if (isTooLarge(bytes)) {
      bytes.release();
      attempts.fail(HttpAnswers.BODY_TOO_LARGE);
      return;
    }
    requestComplete = last;
    UpstreamStream to = attempts.upstream();
    if (to.hasStoppedTaking()) {
      // What it has said before is still read, and behind that, or this, the client's next move.
      bytes.release();
      return;
    }
    RepeatableBody again = repeatable;
    if (again != null) {
      again.sent(bytes);
    }
    to.data(bytes, last);
    if (!last && !to.isWritable()) {
      heldBack = true;
      client.pause();
      to.flush();
    }
    armForMore();
  }

  /** A call is no body, but each of its messages is one. */
  private boolean isTooLarge(ByteBuf part) {
    Bounds bounds = admitted.settings().bounds();
    return call == null ? HttpAnswers.exceeds(bodyBytes, bounds) : !call.fromClient(part, bounds);
  }

  @Override
  public void requestTrailers(HttpHeaders trailers) {
    if (isUnderWay()) {
      requestComplete = true;
      UpstreamStream to = attempts.upstream();
      if (!to.hasStoppedTaking()) {
        forgetBody();
        to.trailers(trailers);
        armForMore();
      }
    }
  }

  private void armForMore() {
    if (attempts.isAsked()) {
      armForAnswer();
    } else if (attempts.isAnswering()) {
      client.arm(timeouts().idle());
    }
  }

  @Override
  public void requestMalformed(Throwable cause) {
    if (isUnderWay()) {
      attempts.fail(
          LocalAnswer.malformed("the body is not well-formed")
              .because(Reason.BODY, HttpAnswers.words(cause)));
    }
  }

  @Override
  public boolean needsInput() {
    return false;
  }

  @Override
  public void clientReadComplete() {
    if (isUnderWay()) {
      attempts.upstream().flush();
    }
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
  public long heldBytes() {
    RepeatableBody again = repeatable;
    return attempts.heldBytes() + (again == null ? 0 : again.bytes());
  }

  @Override
  public void expired() {
    attempts.expired();
  }

  // ---- from the upstream

  @Override
  public void upstreamWritabilityChanged() {
    if (!requestComplete && attempts.upstream().isWritable()) {
      if (heldBack) {
        heldBack = false;
        pace.begin();
        if (attempts.isAsked()) {
          armForAnswer();
        }
      }
      client.resume();
    }
  }

  /** Only what an endpoint says that it has not begun is worth keeping bodies for. */
  private boolean isHeld(Loss loss) {
    RepeatableBody again = repeatable;
    return loss == Loss.UNSENT && again != null && again.isWhole();
  }

  private void forgetBody() {
    RepeatableBody again = repeatable;
    repeatable = null;
    if (again != null) {
      again.forget();
    }
  }

  /**
   * A kept connection may have been closed for idleness while the request was on its way. It is
   * sent once more if nobody can have acted on it, or it doesn't matter (RFC 9110 §9.2.2): if not
   * even its head left, or if it is idempotent; and nothing was heard, and all of it is still here.
   * By HTTP/2 an endpoint says itself what it has not begun (RFC 9113 §8.7).
   */
  @Override
  public void lost(Loss loss) {
    boolean here =
        !admitted.request().hasBody() || (bodyBytes == 0 && !requestComplete) || isHeld(loss);
    boolean may = loss == Loss.UNSENT || (loss == Loss.CROSSED && isIdempotent());
    if (here && may && repeats < HardLimits.UNSENT_REPEATS) {
      repeats++;
      heldBack = false;
      client.pause();
      if (call != null) {
        call.again();
      }
      attempts.again();
      return;
    }
    if (loss == Loss.BROKEN) {
      attempts.failed(UpstreamFailure.RESET);
    } else {
      attempts.lost(UpstreamFailure.RESET);
    }
    attempts.fail(
        LocalAnswer.badGateway("the upstream closed the connection without an answer")
            .because(Reason.UPSTREAM_CLOSED));
  }

  @Override
  public void overdue() {
    if (heldBack && !requestComplete) {
      attempts.fail(LocalAnswer.gatewayTimeout("the upstream stopped taking the request"));
      return;
    }
    if (!requestComplete) {
      attempts.fail(HttpAnswers.REQUEST_TIMEOUT);
      return;
    }
    attempts.failed(UpstreamFailure.RESPONSE_TIMEOUT);
    attempts.fail(LocalAnswer.gatewayTimeout("the upstream did not answer in time"));
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      attempts.failed(UpstreamFailure.BAD_HANDSHAKE);
      attempts.fail(
          LocalAnswer.badGateway("the upstream switched protocols without being asked")
              .because(Reason.UPSTREAM_UPGRADE));
      return;
    }
    forgetBody();
    client.arm(timeouts().idle());
    attempts.relay(status, fields, timeouts().idle());
  }

  @Override
  public void aside(ByteBuf bytes, boolean last) {
    // The end of an interim answer.
    bytes.release();
  }

  @Override
  public void answered() {
    UpstreamStream upstream = attempts.detach();
    if (requestComplete) {
      upstream.finished(kept());
    } else {
      upstream.abandon();
    }
    client.finished();
  }

  @Override
  public long requestBytes() {
    return bodyBytes;
  }

  @Override
  public void ended() {
    forgetBody();
    if (call != null) {
      call.ended();
    }
  }
}
