package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.grpc.MessageLengths;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.EndpointLease;
import dev.longshore.proxy.tunnel.StreamedCall;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call of gRPC has beside a plain request: the caller's deadline, messages, and, once it has
 * lasted, a place among the connections that live long, by which changes end it politely. On the
 * event loop.
 */
final class GrpcCall extends Deadline implements StreamedCall.Carried {
  /** From here on it is listed: most are over long before, and cost no more than a timer. */
  private static final Duration LASTING = Duration.ofSeconds(1);

  /** Behind the caller's deadline, so that the endpoint, which keeps it too, may say so itself. */
  private static final Duration GRACE = Duration.ofMillis(100);

  /** Longer deadlines are looked at in between. */
  private static final Duration FAR = Duration.ofDays(1);

  private static final LocalAnswer OVERDUE =
      LocalAnswer.gatewayTimeout("the deadline of the call has passed")
          .because(Reason.CALL_DEADLINE);

  private final Admitted admitted;
  private final ExchangeContext context;
  private final Attempts attempts;
  private final MessageLengths fromClient = new MessageLengths();
  private final @Nullable Duration timeout;
  private final long dueNanos;
  private @Nullable StreamedCall listed;
  private @Nullable LocalAnswer ending;
  private boolean over;

  GrpcCall(Admitted admitted, ExchangeContext context, Attempts attempts) {
    this.admitted = admitted;
    this.context = context;
    this.attempts = attempts;
    this.timeout = GrpcCalls.timeout(admitted.request().headers());
    Duration due = timeout == null ? Duration.ZERO : timeout.plus(GRACE);
    // Longer ones than a long can say in nanoseconds there are.
    boolean far = due.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) > 0;
    this.dueNanos = now() + (far ? Long.MAX_VALUE / 2 : due.toNanos());
  }

  /** Its time begins. */
  void begin() {
    arm(LASTING);
  }

  /** Whether its caller has said how long it may take. */
  boolean isBounded() {
    return timeout != null;
  }

  /**
   * A part of what the client sends, which is not taken over.
   *
   * @return whether no message is larger than a body may be
   */
  boolean fromClient(ByteBuf bytes, Bounds bounds) {
    fromClient.follow(bytes);
    return !HttpAnswers.exceeds(fromClient.longest(), bounds);
  }

  /** It is sent to another endpoint, as if nothing had been. */
  void again() {
    leave();
    if (!over && ending == null) {
      arm(LASTING);
    }
  }

  /** It is over. */
  void ended() {
    over = true;
    context.deadlines().disarm(this);
    leave();
    context.recorder().called(attempts.callStatus(), fromClient.messages(), messagesFromUpstream());
  }

  private void leave() {
    StreamedCall left = listed;
    listed = null;
    if (left != null) {
      left.over();
    }
  }

  /** Arms the timer for then, or for the caller's deadline if that is earlier. */
  private void arm(Duration after) {
    long left = timeout == null ? Long.MAX_VALUE : dueNanos - now();
    context.deadlines().arm(this, Duration.ofNanos(Math.clamp(left, 1, after.toNanos())));
  }

  private long now() {
    return context.deadlines().ticker().nanoTime();
  }

  @Override
  protected void expired() {
    LocalAnswer why = ending;
    if (over) {
      return;
    }
    if (why != null) {
      // In the middle of a message that does not end.
      attempts.fail(why);
    } else if (timeout != null && dueNanos - now() <= 0) {
      attempts.fail(OVERDUE);
    } else {
      if (listed == null) {
        list();
      }
      if (!over && ending == null && (listed == null || timeout != null)) {
        arm(listed == null ? LASTING : FAR);
      }
    }
  }

  @Override
  protected void failed() {
    cut();
  }

  /** Lists it, if it has got anywhere yet. */
  private void list() {
    EndpointState endpoint = attempts.asked();
    if (endpoint == null) {
      return;
    }
    ClientRequest request = admitted.request();
    List<String> origins = request.headers().getAll("origin");
    StreamedCall added =
        context
            .calls()
            .add(
                new TunnelContext(
                    request.client().text(),
                    request.id(),
                    request.host(),
                    request.target().path(),
                    admitted.rule().rule(),
                    admitted.policy().tunnels(),
                    new Lease(endpoint),
                    origins.isEmpty() ? null : String.join(", ", origins),
                    request.secure(),
                    null,
                    request.protocol().text(),
                    admitted.proofs()),
                this);
    if (over) {
      // It was told to end at once, and could.
      added.over();
    } else {
      listed = added;
    }
  }

  @Override
  public void end(CloseCause cause, Duration within) {
    LocalAnswer why =
        LocalAnswer.unavailable("the call is ended: " + cause.reason())
            .because(Reason.CALL_ENDED, cause.reason());
    if (over || attempts.endBehindMessage(why)) {
      return;
    }
    ending = why;
    context.deadlines().arm(this, within.isPositive() ? within : Duration.ofNanos(1));
  }

  @Override
  public void cut() {
    if (!over) {
      attempts.cut();
    }
  }

  @Override
  public long bytesFromClient() {
    return fromClient.bytes();
  }

  @Override
  public long bytesFromUpstream() {
    return attempts.answerLengths().bytes();
  }

  @Override
  public long messagesFromClient() {
    return fromClient.messages();
  }

  @Override
  public long messagesFromUpstream() {
    return attempts.answerLengths().messages();
  }

  /** The exchange has the endpoint, and gives it back. */
  private record Lease(EndpointState endpoint) implements EndpointLease {
    @Override
    public InetSocketAddress socketAddress() {
      return endpoint.socketAddress();
    }

    @Override
    public Object group() {
      return endpoint;
    }

    @Override
    public boolean draining() {
      return endpoint.draining();
    }

    @Override
    public void release() {
      // It is not held here.
    }
  }
}
