package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.LocalFailureException;
import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.dial.UpstreamListener;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.ProbeOutcome;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.net.ConnectException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One look at one endpoint, over a connection of its own, within one time. Behind a good answer the
 * endpoint gets the rest of that time to end the connection in peace, which the verdict doesn't
 * wait for. On one event loop.
 */
abstract class Probe extends Deadline implements UpstreamListener {
  /** What is read of an endpoint at most, once its answer is known; then it is cut off. */
  private static final int MOST_BYTES = 64 * 1024;

  /** Interim answers (RFC 9110 §15.2) that are waited behind. */
  private static final int MOST_INTERIM = 8;

  private final DeadlineSweep deadlines;
  private final @Nullable TlsTarget tls;
  private final Verdict verdict;
  private Stage stage = Stage.ASKING;
  private @Nullable UpstreamConnection connection;
  private int interim;
  private int bytes;

  private enum Stage {
    ASKING,
    LINGERING,
    OVER
  }

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
    this.deadlines = deadlines;
    this.tls = tls;
    this.verdict = verdict;
  }

  /** Connected: the question can be asked. */
  protected abstract void ask(UpstreamConnection connection);

  /** A final answer has begun; its head is well-formed. */
  protected abstract void judge(HttpResponse answer);

  final void start(Dialer dialer, EndpointState endpoint, Duration timeout) {
    deadlines.arm(this, timeout);
    UpstreamConnection dialled = dialer.dial(endpoint, tls, this);
    if (stage != Stage.OVER) {
      connection = dialled;
    } else if (dialled != null) {
      // It has failed already.
      dialled.abandon();
    }
  }

  /** Ends it without a verdict, or what is left of it. */
  final void stop() {
    if (stage == Stage.OVER) {
      return;
    }
    stage = Stage.OVER;
    deadlines.disarm(this);
    UpstreamConnection open = connection;
    connection = null;
    if (open != null) {
      open.abandon();
    }
    if (tls != null) {
      tls.context().release();
    }
    verdict.over();
  }

  /** The endpoint is well. The connection stays until the other side ends it. */
  protected final void good() {
    if (stage == Stage.ASKING) {
      stage = Stage.LINGERING;
      verdict.ended(ProbeOutcome.GOOD, "probes succeed");
    }
  }

  /** An answer is complete. Behind the one that was judged nothing more is to come. */
  protected final void answered() {
    if (stage == Stage.LINGERING) {
      stop();
    }
  }

  /** It is not, and the connection is closed. */
  protected final void bad(String why) {
    end(ProbeOutcome.BAD, "probe: " + why);
  }

  private void end(ProbeOutcome outcome, String why) {
    boolean heard = stage != Stage.ASKING;
    stop();
    if (!heard) {
      verdict.ended(outcome, why);
    }
  }

  @Override
  protected final void expired() {
    end(ProbeOutcome.TIMED_OUT, "probe: no answer in time");
  }

  @Override
  public final void connected() {
    UpstreamConnection open = connection;
    if (open != null) {
      ask(open);
    }
  }

  @Override
  public final void connectFailed(Throwable cause) {
    connection = null;
    if (cause instanceof LocalFailureException) {
      // It says nothing of the endpoint.
      end(ProbeOutcome.NOT_MADE, "probe: " + cause.getMessage());
    } else {
      bad(cause instanceof ConnectException ? "connection refused" : "unreachable");
    }
  }

  @Override
  public final void tlsFailed(Throwable cause) {
    connection = null;
    bad("TLS failed");
  }

  @Override
  public final void upstreamClosed() {
    connection = null;
    bad("closed without an answer");
  }

  @Override
  public final void answer(HttpResponse answer) {
    if (stage != Stage.ASKING) {
      return;
    }
    int status = answer.status().code();
    if (answer.decoderResult().isFailure()) {
      bad("the answer is not HTTP");
    } else if (status >= 200 || status == 101) {
      judge(answer);
    } else if (++interim > MOST_INTERIM) {
      bad("nothing but interim answers");
    }
  }

  @Override
  public void answerPart(HttpContent content) {
    dropped(content.content().readableBytes());
    content.release();
  }

  @Override
  public final void bytesBehindAnswer(ByteBuf more) {
    dropped(more.readableBytes());
    more.release();
  }

  private void dropped(int count) {
    bytes += count;
    if (bytes > MOST_BYTES) {
      bad("it doesn't stop sending");
    }
  }

  @Override
  public final void upstreamReadComplete() {
    // Nothing is passed on.
  }

  @Override
  public final void upstreamWritabilityChanged() {
    // One small head is all that is written.
  }
}
