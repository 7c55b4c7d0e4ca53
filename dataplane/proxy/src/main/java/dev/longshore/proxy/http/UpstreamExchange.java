package dev.longshore.proxy.http;

import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.dial.LocalFailureException;
import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.dial.UpstreamListener;
import dev.longshore.proxy.filter.AffinityCookie;
import dev.longshore.proxy.filter.Answered;
import dev.longshore.proxy.net.ClientNetwork;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through one endpoint after the other until one answers: what handshakes and
 * plain requests have in common. The client hears nothing before an endpoint has answered, so until
 * then another can be tried.
 */
public abstract class UpstreamExchange implements Exchange, UpstreamListener, Answered {
  /** How far it has come with the present endpoint. */
  protected enum Stage {
    /** Waiting for TCP. */
    DIALLING,
    /** The request is on its way; nothing of an answer has come but interim ones. */
    REQUESTED,
    /** The answer is on its way. */
    ANSWERING,
    /** Over; whatever still comes is dropped. */
    OVER
  }

  private final ClientConnection client;
  private final Admitted admitted;
  private final AnswerRelay relay;
  private Stage stage = Stage.DIALLING;
  private AttemptedEndpoints tried = AttemptedEndpoints.NONE;
  private int retriesLeft;
  private int attempts;
  private @Nullable EndpointState endpoint;
  private @Nullable InetSocketAddress lastTried;
  private @Nullable UpstreamConnection upstream;

  /** An exchange that has not started. */
  protected UpstreamExchange(ClientConnection client, Admitted admitted) {
    this.client = client;
    this.admitted = admitted;
    this.retriesLeft = admitted.policy().retries();
    this.relay =
        new AnswerRelay(client.channel(), admitted.request(), admitted.policy().answers(), this);
  }

  // ---- for the two kinds

  /** Makes a connection, which then reports to this; null: that has failed already. */
  protected abstract @Nullable UpstreamConnection connect(EndpointState endpoint);

  /** Writes the request and arms the deadline of its answer. */
  protected abstract void send(UpstreamConnection connection);

  /** The connection ended after the request was sent, before an answer. */
  protected abstract void lostBeforeAnswer(UpstreamConnection connection);

  /** The deadline passed after the request was sent, before an answer. */
  protected abstract void answerOverdue();

  /** A final answer: its head is well-formed. */
  protected abstract void finalAnswer(HttpResponse response);

  /** The answer has been passed on completely. */
  protected abstract void answered();

  /** The exchange is over, however it ended; called once. */
  protected abstract void ended();

  private void over() {
    ended();
    admitted.release();
  }

  protected final ClientConnection client() {
    return client;
  }

  protected final Admitted admitted() {
    return admitted;
  }

  protected final ClientRequest request() {
    return admitted.request();
  }

  protected final Timeouts timeouts() {
    return admitted.policy().timeouts();
  }

  protected final Stage stage() {
    return stage;
  }

  final AnswerRelay relay() {
    return relay;
  }

  protected final UpstreamConnection upstream() {
    return Objects.requireNonNull(upstream, "no upstream connection");
  }

  /** Tries another endpoint if the policy has retries left, else answers {@code last}. */
  protected final void retryOr(LocalAnswer last) {
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

  /** Tries again, not counting the attempt: the endpoint is as good as it was. */
  protected final void attempt() {
    EndpointState picked = admitted.pool().acquire(tried, admitted.hint());
    if (picked == null) {
      // No Retry-After: nobody knows when a tunnel ends.
      fail(
          LocalAnswer.unavailable(
              admitted.pool().readyCount() == 0
                  ? "no endpoint is ready"
                  : "every endpoint has as many connections as it may"));
      return;
    }
    endpoint = picked;
    lastTried = picked.socketAddress();
    stage = Stage.DIALLING;
    client.arm(timeouts().connect());
    int attempt = ++attempts;
    UpstreamConnection connection = connect(picked);
    // It may have failed already, and another attempt may be under way.
    if (connection != null && stage == Stage.DIALLING && attempts == attempt) {
      upstream = connection;
      if (connection.reused()) {
        connected();
      }
    }
  }

  /** Ends the exchange with an answer of our own, or by cutting an answer that has begun. */
  protected final void fail(LocalAnswer refusal) {
    boolean begun = stage == Stage.ANSWERING;
    report(begun ? relay.status() : refusal.status().code(), refusal.outcome(), refusal.failure());
    stage = Stage.OVER;
    leaveUpstream();
    over();
    if (begun) {
      client.abort(relay.isDelimited());
    } else {
      client.refuse(request(), refusal);
    }
  }

  /** Counts a failed attempt on the present endpoint. */
  protected final void failed(UpstreamFailure failure) {
    client.loopContext().recorder().upstreamFailure(failure);
    // Behind the head of an answer it is the answer that failed, and may be the application's.
    if (stage != Stage.ANSWERING) {
      blame(failure);
    }
  }

  /** Counts a failed attempt that says nothing of the endpoint, whatever it mostly says. */
  protected final void lost(UpstreamFailure failure) {
    client.loopContext().recorder().upstreamFailure(failure);
  }

  private void blame(UpstreamFailure failure) {
    EndpointState blamed = endpoint;
    if (blamed == null) {
      return;
    }
    switch (failure.blame()) {
      case ENDPOINT -> admitted.pool().failed(blamed, failure.words());
      case IF_SEVERAL_SAW_IT -> {
        // Who waits for the rest of a request may give up.
        if (requestDelivered()) {
          doubt(blamed, failure.words());
        }
      }
      case NOBODY -> {}
    }
  }

  private void doubt(EndpointState doubted, String what) {
    admitted.pool().doubted(doubted, what, ClientNetwork.site(request().client().address()));
  }

  /** The present endpoint has done what it is there for. */
  protected final void succeeded() {
    EndpointState reached = endpoint;
    if (reached != null) {
      admitted.pool().succeeded(reached);
    }
  }

  /**
   * An answer shows that an endpoint is well, whatever it says; but not to a handshake, when it
   * comes from a gateway before it or from one that is starting or stopping.
   */
  private void judge(int status) {
    EndpointState answering = endpoint;
    if (answering != null && request().websocket() && status >= 502 && status <= 504) {
      doubt(answering, "answered " + status);
    } else {
      succeeded();
    }
  }

  /** Whether the endpoint has been given all of the request, so that it owes an answer. */
  protected abstract boolean requestDelivered();

  /** Bytes of the request body that were passed on. */
  protected abstract long requestBytes();

  private void report(int status, HandshakeOutcome outcome, @Nullable Failure failure) {
    client
        .loopContext()
        .recorder()
        .ended(
            request(),
            new RequestRecorder.End(
                status,
                outcome,
                requestBytes(),
                relay.bytes(),
                admitted.rule().source(),
                lastTried,
                failure));
  }

  /** Passes a final answer's head on. */
  protected final void relayHead(HttpResponse response, boolean mayKeepAlive) {
    judge(response.status().code());
    stage = Stage.ANSWERING;
    relay.head(response, mayKeepAlive);
  }

  /** Leaves of a verified 101's fields what goes on to the client, as the policy has it. */
  protected final void edit(HttpHeaders headers) {
    var _ = relay.edit(headers);
  }

  @Override
  public final @Nullable String strictTransportSecurity() {
    return client.loopContext().strictTransportSecurity(request().peer());
  }

  @Override
  public final @Nullable AffinityCookie affinityCookie() {
    return admitted.affinityCookie(Objects.requireNonNull(endpoint, "no endpoint"));
  }

  /**
   * The exchange is over, and nothing needs to be said. The upstream connection is the caller's.
   */
  protected final UpstreamConnection detach() {
    stage = Stage.OVER;
    UpstreamConnection connection = upstream();
    upstream = null;
    over();
    return connection;
  }

  /** Gives back the endpoint's count; once per attempt. */
  protected final void releaseEndpoint() {
    EndpointState held = endpoint;
    endpoint = null;
    if (held != null) {
      held.release();
    }
  }

  /** The endpoint, which the caller releases from now on. */
  protected final EndpointState takeEndpoint() {
    EndpointState held = Objects.requireNonNull(endpoint, "no endpoint");
    endpoint = null;
    return held;
  }

  private void leaveUpstream() {
    UpstreamConnection connection = upstream;
    upstream = null;
    if (connection != null) {
      connection.abandon();
    }
    releaseEndpoint();
  }

  // ---- from the client

  @Override
  public long heldBytes() {
    UpstreamConnection connection = upstream;
    return connection == null ? 0 : connection.heldBytes();
  }

  @Override
  public void start() {
    attempt();
  }

  @Override
  public final boolean needsInput() {
    // A tunnel of which one direction has ended before it began.
    return request().websocket();
  }

  @Override
  public final void clientGone() {
    report(stage == Stage.ANSWERING ? relay.status() : 0, HandshakeOutcome.ABANDONED, null);
    stage = Stage.OVER;
    leaveUpstream();
    over();
  }

  @Override
  public final void clientWritabilityChanged() {
    UpstreamConnection connection = upstream;
    if (connection != null) {
      connection.channel().config().setAutoRead(client.channel().isWritable());
    }
  }

  @Override
  public final void expired() {
    switch (stage) {
      case DIALLING -> {
        failed(UpstreamFailure.CONNECT_TIMEOUT);
        retryOr(LocalAnswer.gatewayTimeout("the upstream did not accept the connection in time"));
      }
      case REQUESTED -> answerOverdue();
      case ANSWERING ->
          fail(
              LocalAnswer.gatewayTimeout("the upstream stopped answering")
                  .because(
                      Reason.UPSTREAM_CUT, "no further byte of the answer within the idle time"));
      case OVER -> {}
    }
  }

  // ---- from the upstream

  @Override
  public final void upstreamReadComplete() {
    if (stage == Stage.ANSWERING) {
      client.channel().flush();
    }
  }

  @Override
  public final void connected() {
    stage = Stage.REQUESTED;
    try {
      send(upstream());
    } catch (OutOfMemoryError e) {
      // For a network buffer: nobody's fault, and nobody else's business.
      fail(LocalAnswer.unavailable("out of memory for network buffers"));
    }
  }

  @Override
  public final void connectFailed(Throwable cause) {
    upstream = null;
    if (cause instanceof LocalFailureException) {
      failed(UpstreamFailure.LOCAL);
      retryOr(LocalAnswer.unavailable("no connection to an upstream can be begun now"));
      return;
    }
    failed(
        cause instanceof ConnectException ? UpstreamFailure.REFUSED : UpstreamFailure.UNREACHABLE);
    retryOr(
        LocalAnswer.badGateway("the upstream refused the connection")
            .because(Reason.UPSTREAM_CONNECT, HttpAnswers.words(cause)));
  }

  @Override
  public final void tlsFailed(Throwable cause) {
    upstream = null;
    EndpointState failed = endpoint;
    failed(UpstreamFailure.TLS);
    client.loopContext().recorder().upstreamTlsFailure(admitted.pool(), failed, cause);
    retryOr(
        LocalAnswer.badGateway("the TLS handshake with the upstream failed")
            .because(Reason.UPSTREAM_TLS, HttpAnswers.words(RequestRecorder.root(cause))));
  }

  @Override
  public final void upstreamClosed() {
    UpstreamConnection connection = upstream;
    upstream = null;
    switch (stage) {
      case DIALLING -> {
        failed(UpstreamFailure.RESET);
        retryOr(
            LocalAnswer.badGateway("the upstream closed the connection")
                .because(Reason.UPSTREAM_CONNECT));
      }
      case REQUESTED -> lostBeforeAnswer(Objects.requireNonNull(connection));
      case ANSWERING -> {
        failed(UpstreamFailure.RESET);
        fail(
            LocalAnswer.badGateway("the upstream's answer is incomplete")
                .because(
                    Reason.UPSTREAM_CUT,
                    "the connection ended before the answer did, or by a reset"));
      }
      case OVER -> {}
    }
  }

  @Override
  public final void answer(HttpResponse response) {
    if (stage != Stage.REQUESTED) {
      if (stage == Stage.ANSWERING) {
        failed(UpstreamFailure.BAD_RESPONSE);
        fail(
            LocalAnswer.badGateway("the upstream answered twice")
                .because(Reason.UPSTREAM_CUT, "another answer came within the first one"));
      }
      return;
    }
    int status = response.status().code();
    if (response.decoderResult().isFailure()) {
      malformed(Reason.UPSTREAM_ANSWER, HttpAnswers.words(response.decoderResult().cause()));
    } else if (!AnswerRelay.isWellFramed(response)) {
      malformed(Reason.UPSTREAM_ANSWER, "a transfer coding other than one 'chunked'");
    } else if (status < 100 || status > 599) {
      // RFC 9110 §15: to be treated as 5xx, and nobody can know what a client makes of it.
      malformed(Reason.UPSTREAM_STATUS, "status " + status + " is not from 100 to 599");
    } else if (status >= 200 || status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      finalAnswer(response);
    } else if (!relay.interim(response)) {
      malformed(Reason.UPSTREAM_INTERIM, "interim answers beyond number or size");
    }
  }

  private void malformed(Reason reason, String why) {
    failed(UpstreamFailure.BAD_RESPONSE);
    fail(LocalAnswer.badGateway("the upstream's answer is malformed").because(reason, why));
  }

  @Override
  public void answerPart(HttpContent content) {
    if (stage != Stage.ANSWERING) {
      // The end of an interim answer, or of one that was refused.
      ReferenceCountUtil.release(content);
      return;
    }
    if (content.decoderResult().isFailure()) {
      String why = HttpAnswers.words(content.decoderResult().cause());
      content.release();
      malformed(Reason.UPSTREAM_CUT, why);
      return;
    }
    Channel to = client.channel();
    relay.part(content);
    if (relay.complete()) {
      report(relay.status(), HandshakeOutcome.DECLINED, null);
      answered();
    } else if (!to.isWritable()) {
      upstream().channel().config().setAutoRead(false);
    }
  }
}
