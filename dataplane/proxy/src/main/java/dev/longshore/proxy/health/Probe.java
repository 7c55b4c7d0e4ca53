package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.OutboundCall;
import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.ProbeOutcome;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.ConnectException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One look at one endpoint: what a call is asked for, and what its answer means. Behind a good
 * answer the endpoint gets the rest of the time to end the connection in peace, which the verdict
 * doesn't wait for. On one event loop.
 *
 * @param <S> what carries it
 */
abstract class Probe<S extends UpstreamStream> implements OutboundCall.Asker<S> {
  /** What is read of an endpoint at most, once its answer is known; then it is cut off. */
  private static final int MOST_BYTES = 64 * 1024;

  private final OutboundCall<S> call;
  private final Verdict verdict;

  /** Whether the verdict was told. */
  private boolean told;

  private boolean over;

  /** Hears of a probe; of each at most once. */
  interface Verdict {
    /** How it ended, in a word and in words of the proxy's own, unless it is stopped before. */
    void ended(ProbeOutcome outcome, String why);

    /** Its connection is gone, with or without a verdict, which may still follow. */
    void over();
  }

  /**
   * A probe that has not begun.
   *
   * @param tls held, and let go at the end; null: in the clear
   */
  Probe(DeadlineSweep deadlines, @Nullable TlsTarget tls, Verdict verdict) {
    this.verdict = verdict;
    this.call = new OutboundCall<>(deadlines, tls, MOST_BYTES, this);
  }

  /** Connected: the question can be asked. */
  protected abstract void ask(S stream);

  /** A final answer has begun; its head is well-formed. */
  protected abstract void judge(HttpResponseStatus status, HttpHeaders fields);

  final void start(OutboundCall.Way<S> way, EndpointState endpoint, Duration timeout) {
    call.start(way, endpoint, timeout);
  }

  /** Ends it without a verdict, or what is left of it. */
  final void stop() {
    call.stop();
  }

  /** The endpoint is well. The connection stays until the other side ends it. */
  protected final void good() {
    if (!over) {
      tell(ProbeOutcome.GOOD, "probes succeed");
    }
  }

  /** An answer is complete. Behind the one that was judged nothing more is to come. */
  protected final void answered() {
    if (told) {
      stop();
    }
  }

  /** It is not, and the connection is closed. */
  protected final void bad(String why) {
    boolean asking = !over;
    stop();
    if (asking) {
      tell(ProbeOutcome.BAD, "probe: " + why);
    }
  }

  private void tell(ProbeOutcome outcome, String why) {
    if (!told) {
      told = true;
      verdict.ended(outcome, why);
    }
  }

  @Override
  public final void connected(S stream) {
    ask(stream);
  }

  @Override
  public final void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (!told) {
      judge(status, fields);
    }
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    bytes.release();
  }

  @Override
  public final void ended(OutboundCall.End end, @Nullable Throwable cause) {
    over = true;
    verdict.over();
    switch (end) {
      case STOPPED -> {}
      case TIMED_OUT -> tell(ProbeOutcome.TIMED_OUT, "probe: no answer in time");
      case NO_CONNECTION -> noConnection(cause);
      case TLS_FAILED -> tell(ProbeOutcome.BAD, "probe: TLS failed");
      case CLOSED -> tell(ProbeOutcome.BAD, "probe: closed without an answer");
      case MALFORMED -> tell(ProbeOutcome.BAD, "probe: the answer is not HTTP");
      case INTERIM -> tell(ProbeOutcome.BAD, "probe: nothing but interim answers");
      case TOO_LONG -> tell(ProbeOutcome.BAD, "probe: it doesn't stop sending");
    }
  }

  private void noConnection(@Nullable Throwable cause) {
    if (cause instanceof LocalFailureException) {
      // It says nothing of the endpoint.
      tell(ProbeOutcome.NOT_MADE, "probe: " + cause.getMessage());
    } else {
      boolean refused = cause instanceof ConnectException;
      tell(ProbeOutcome.BAD, refused ? "probe: connection refused" : "probe: unreachable");
    }
  }
}
