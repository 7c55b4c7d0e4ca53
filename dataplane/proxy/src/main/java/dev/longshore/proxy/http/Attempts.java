package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.grpc.GrpcStatus;
import dev.longshore.proxy.grpc.MessageLengths;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request's attempts at one endpoint after the other until one answers: picking, dialling,
 * counting what fails, trying again, and passing the answer on. The client hears nothing before an
 * endpoint has answered, so until then another can be tried. What is asked, and what an answer
 * means, is the {@link Asker}'s. Longer than most, for every event of client, deadline and stream
 * means something else in each of its stages, and they are read together.
 */
public final class Attempts implements UpstreamListener {
  /** How far it has come with the present endpoint. */
  private enum Stage {
    /** Waiting for a connection. */
    DIALLING,
    /** The request is on its way; nothing of an answer has come but interim ones. */
    ASKED,
    /** The answer is on its way. */
    ANSWERING,
    /** Over; whatever still comes is dropped. */
    OVER
  }

  private final ClientStream client;
  private final Admitted admitted;
  private final ExchangeContext context;
  private final Asker asker;
  private final AnswerRelay relay;
  private Upstreams.Wire wire;
  private Stage stage = Stage.DIALLING;
  private AttemptedEndpoints tried = AttemptedEndpoints.NONE;
  private Upstreams.Reuse reuse = Upstreams.Reuse.NEVER;
  private int retriesLeft;
  private int attempts;
  private boolean delivered;
  private @Nullable LocalAnswer ending;
  private @Nullable EndpointState endpoint;
  private @Nullable InetSocketAddress lastTried;
  private @Nullable UpstreamStream upstream;

  /** None has been made. */
  public Attempts(ClientStream client, Admitted admitted, ExchangeContext context, Asker asker) {
    this.client = client;
    this.admitted = admitted;
    this.context = context;
    this.asker = asker;
    this.retriesLeft = admitted.policy().retries();
    this.delivered = admitted.request().websocket() || !admitted.request().hasBody();
    this.relay = new AnswerRelay(client, admitted, context);
    this.wire = admitted.wire();
  }

  // ---- for the asker

  /**
   * Makes the first one.
   *
   * @param over which connections, and of those that may follow
   */
  public void begin(Upstreams.Reuse over) {
    reuse = over;
    attempt();
  }

  /** Makes another, over a new connection, not counting the last: the endpoint is as it was. */
  void again() {
    releaseEndpoint();
    reuse = Upstreams.Reuse.NEVER;
    attempt();
  }

  /** Tries another endpoint if the policy has retries left, else answers {@code last}. */
  public void retryOr(LocalAnswer last) {
    EndpointState failed = endpoint;
    leaveUpstream();
    if (retriesLeft == 0 || failed == null) {
      fail(last);
      return;
    }
    retriesLeft--;
    tried = tried.with(failed);
    attempt();
  }

  private void attempt() {
    EndpointState picked = admitted.pool().acquire(tried, admitted.hint());
    if (picked == null) {
      // No Retry-After: nobody knows when a tunnel ends.
      fail(admitted.pool().readyCount() == 0 ? UpstreamAnswers.NOT_READY : UpstreamAnswers.FULL);
      return;
    }
    endpoint = picked;
    lastTried = picked.socketAddress();
    stage = Stage.DIALLING;
    client.arm(admitted.policy().timeouts().connect());
    int attempt = ++attempts;
    UpstreamStream opened =
        context.upstreams().open(picked, admitted.tlsTo(picked), wire, reuse, this);
    // It may have failed already, and another attempt may be under way.
    if (opened != null && stage == Stage.DIALLING && attempts == attempt) {
      upstream = opened;
      if (opened.isReady()) {
        connected();
      }
    }
  }

  /** Ends them with an answer of our own, or by cutting an answer that has begun. */
  public void fail(LocalAnswer refusal) {
    boolean begun = stage == Stage.ANSWERING;
    report(begun ? relay.status() : refusal.status().code(), refusal.outcome(), refusal.failure());
    stage = Stage.OVER;
    leaveUpstream();
    relay.callFailed(refusal.status());
    boolean sayable = begun && relay.isBetweenMessages();
    over();
    if (sayable) {
      // A caller of gRPC, who is told so behind what it has got.
      client.trailers(GrpcStatus.of(refusal.status()).fields(refusal.detail()));
      client.finished();
    } else if (begun) {
      client.reset();
    } else {
      client.refuse(relay.own(refusal));
    }
  }

  /**
   * Ends a call of gRPC as {@link #fail} does, but for the message of the answer that is under way,
   * if one is: behind that.
   *
   * @return whether it is over
   */
  boolean endBehindMessage(LocalAnswer why) {
    if (stage == Stage.OVER) {
      return true;
    }
    if (stage != Stage.ANSWERING || relay.isBetweenMessages()) {
      fail(why);
      return true;
    }
    ending = why;
    relay.endBehindMessage();
    return false;
  }

  /** Gives up the client and the endpoint, after a fault of ours. */
  void cut() {
    client.cut();
  }

  /** The endpoint that has been asked; null: none has. */
  @Nullable EndpointState asked() {
    return stage == Stage.ASKED || stage == Stage.ANSWERING ? endpoint : null;
  }

  /** How a call has ended, by gRPC's numbers. */
  int callStatus() {
    return relay.callStatus();
  }

  /** Messages of a call's answer. */
  MessageLengths answerLengths() {
    return relay.lengths();
  }

  /** Counts a failed attempt on the present endpoint. */
  public void failed(UpstreamFailure failure) {
    lost(failure);
    // Behind the head of an answer it is the answer that failed, and may be the application's.
    EndpointState blamed = endpoint;
    if (stage != Stage.ANSWERING && blamed != null) {
      EndpointVerdict.failed(admitted, blamed, failure, delivered);
    }
  }

  /** Counts a failed attempt that says nothing of the endpoint, whatever it mostly says. */
  void lost(UpstreamFailure failure) {
    context.recorder().upstreamFailure(failure);
  }

  /** The present endpoint has done what it is there for. */
  public void succeeded() {
    EndpointState reached = endpoint;
    if (reached != null) {
      admitted.pool().succeeded(reached);
    }
  }

  /**
   * Passes a final answer on, its head now and the rest as it comes.
   *
   * @param pause the longest between its parts; zero: as the deadline is armed
   */
  public void relay(HttpResponseStatus status, HttpHeaders fields, Duration pause) {
    EndpointState answering = Objects.requireNonNull(endpoint, "no endpoint");
    EndpointVerdict.answered(admitted, answering, status.code());
    stage = Stage.ANSWERING;
    relay.head(status, fields, answering, pause);
  }

  /** Leaves of a verified 101's fields what goes on to the client, as the policy has it. */
  public void edit(HttpHeaders fields) {
    relay.edit(fields, Objects.requireNonNull(endpoint, "no endpoint"));
  }

  /** Whether the request is on its way, and no answer is. */
  public boolean isAsked() {
    return stage == Stage.ASKED;
  }

  /** Whether what is asked is a stream, on which a 2xx accepts a WebSocket (RFC 8441 §5). */
  public boolean isOnStream() {
    return wire == Upstreams.Wire.EXTENDED_CONNECT;
  }

  /** Whether an answer is being passed on. */
  public boolean isAnswering() {
    return stage == Stage.ANSWERING;
  }

  /** Whether whatever still comes is dropped. */
  public boolean isOver() {
    return stage == Stage.OVER;
  }

  /** The present stream. */
  public UpstreamStream upstream() {
    return Objects.requireNonNull(upstream, "no upstream stream");
  }

  /** They are over, and nothing needs to be said. The stream is the caller's. */
  public UpstreamStream detach() {
    releaseEndpoint();
    stage = Stage.OVER;
    UpstreamStream detached = upstream();
    upstream = null;
    over();
    return detached;
  }

  /** The endpoint, which the caller releases from now on. */
  public EndpointState takeEndpoint() {
    EndpointState held = Objects.requireNonNull(endpoint, "no endpoint");
    endpoint = null;
    return held;
  }

  private void releaseEndpoint() {
    EndpointState held = endpoint;
    endpoint = null;
    if (held != null) {
      held.release();
    }
  }

  private void leaveUpstream() {
    UpstreamStream left = upstream;
    upstream = null;
    if (left != null) {
      left.abandon();
    }
    releaseEndpoint();
  }

  private void over() {
    asker.ended();
    admitted.release();
  }

  private void report(int status, HandshakeOutcome outcome, @Nullable Failure failure) {
    context
        .recorder()
        .ended(
            admitted.request(),
            new RequestRecorder.End(
                status,
                outcome,
                asker.requestBytes(),
                relay.bytes(),
                admitted.rule().source(),
                lastTried,
                failure));
  }

  // ---- from the client

  /** About how many bytes wait for the upstream, or to be decoded. */
  public long heldBytes() {
    UpstreamStream held = upstream;
    return held == null ? 0 : held.heldBytes();
  }

  /** The client has left. */
  public void clientGone() {
    report(stage == Stage.ANSWERING ? relay.status() : 0, HandshakeOutcome.ABANDONED, null);
    stage = Stage.OVER;
    leaveUpstream();
    over();
  }

  /** The client takes more of the answer, or takes no more for now. */
  public void clientWritabilityChanged() {
    UpstreamStream read = upstream;
    if (read != null) {
      read.read(client.isWritable());
    }
  }

  /** The deadline has passed. */
  public void expired() {
    switch (stage) {
      case DIALLING -> {
        if (wire == Upstreams.Wire.EXTENDED_CONNECT) {
          // It may be one that waits for the rest of a request line.
          wire = Upstreams.Wire.HTTP_1_1;
        }
        failed(UpstreamFailure.CONNECT_TIMEOUT);
        retryOr(UpstreamAnswers.CONNECT_TIMEOUT);
      }
      case ASKED -> asker.overdue();
      case ANSWERING -> fail(UpstreamAnswers.STOPPED_ANSWERING);
      case OVER -> {}
    }
  }

  // ---- from the upstream

  @Override
  public void upstreamReadComplete() {
    if (stage == Stage.ANSWERING) {
      client.flush();
    }
  }

  @Override
  public void upstreamWritabilityChanged() {
    asker.upstreamWritabilityChanged();
  }

  @Override
  public void delivered() {
    delivered = true;
  }

  @Override
  public void connected() {
    stage = Stage.ASKED;
    try {
      asker.ask(upstream());
    } catch (OutOfMemoryError e) {
      // For a network buffer: nobody's fault, and nobody else's business.
      fail(UpstreamAnswers.NO_MEMORY);
    }
  }

  @Override
  public void connectFailed(Throwable cause) {
    upstream = null;
    if (wire == Upstreams.Wire.EXTENDED_CONNECT && !(cause instanceof LocalFailureException)) {
      byHttp1();
      return;
    }
    if (cause instanceof LocalFailureException) {
      failed(UpstreamFailure.LOCAL);
      retryOr(UpstreamAnswers.NO_CONNECTION);
      return;
    }
    failed(
        cause instanceof ConnectException ? UpstreamFailure.REFUSED : UpstreamFailure.UNREACHABLE);
    retryOr(UpstreamAnswers.refused(cause));
  }

  /** Not on a stream: most servers of HTTP/2 take WebSockets by HTTP/1.1 alone. */
  private void byHttp1() {
    wire = Upstreams.Wire.HTTP_1_1;
    again();
  }

  @Override
  public void tlsFailed(Throwable cause) {
    upstream = null;
    if (wire == Upstreams.Wire.EXTENDED_CONNECT) {
      byHttp1();
      return;
    }
    EndpointState failed = endpoint;
    failed(UpstreamFailure.TLS);
    context.recorder().upstreamTlsFailure(admitted.pool(), failed, cause);
    retryOr(UpstreamAnswers.tlsFailed(cause));
  }

  @Override
  public void upstreamClosed(Loss loss) {
    upstream = null;
    switch (stage) {
      case DIALLING -> {
        failed(UpstreamFailure.RESET);
        retryOr(UpstreamAnswers.CLOSED);
      }
      case ASKED -> asker.lost(loss);
      case ANSWERING -> {
        failed(UpstreamFailure.RESET);
        fail(UpstreamAnswers.INCOMPLETE);
      }
      case OVER -> {}
    }
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (stage != Stage.ASKED) {
      if (stage == Stage.ANSWERING) {
        failed(UpstreamFailure.BAD_RESPONSE);
        fail(UpstreamAnswers.TWICE);
      }
      return;
    }
    Failure fault = relay.faultOf(status, fields);
    if (fault != null) {
      malformed(fault.reason(), fault.detail());
    } else if (AnswerRelay.isFinal(status)) {
      asker.answer(status, fields);
    } else {
      relay.interim(status, fields);
    }
  }

  @Override
  public void answerMalformed(Throwable cause) {
    if (stage == Stage.ASKED || stage == Stage.ANSWERING) {
      malformed(
          stage == Stage.ASKED ? Reason.UPSTREAM_ANSWER : Reason.UPSTREAM_CUT,
          HttpAnswers.words(cause));
    }
  }

  private void malformed(Reason reason, String why) {
    failed(UpstreamFailure.BAD_RESPONSE);
    fail(UpstreamAnswers.malformed(reason, why));
  }

  @Override
  public void answerData(ByteBuf bytes, boolean last) {
    switch (stage) {
      case ANSWERING -> {
        relay.data(bytes, last);
        LocalAnswer why = ending;
        if (why != null && relay.isBetweenMessages()) {
          fail(why);
        } else {
          relayed();
        }
      }
      case ASKED -> asker.aside(bytes, last);
      // The end of an answer that was refused.
      case DIALLING, OVER -> bytes.release();
    }
  }

  @Override
  public void answerTrailers(HttpHeaders trailers) {
    if (stage == Stage.ANSWERING) {
      relay.trailers(trailers);
      relayed();
    }
  }

  private void relayed() {
    if (relay.complete()) {
      report(relay.status(), HandshakeOutcome.DECLINED, null);
      asker.answered();
    } else if (!client.isWritable()) {
      upstream().read(false);
    }
  }
}
