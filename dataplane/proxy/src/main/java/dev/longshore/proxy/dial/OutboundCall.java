package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One question of the proxy's own to one endpoint: over a connection that nothing else uses, within
 * one time, and with an answer of bounded size. Whatever goes wrong ends it, and the asker hears of
 * one end. On one event loop.
 *
 * @param <S> what carries it
 */
public final class OutboundCall<S extends UpstreamStream> extends Deadline
    implements UpstreamListener {
  /** Interim answers (RFC 9110 §15.2) that are waited behind. */
  private static final int MOST_INTERIM = 8;

  private final DeadlineSweep deadlines;
  private final @Nullable TlsTarget tls;
  private final int mostBytes;
  private final Asker<S> asker;
  private @Nullable S stream;
  private boolean over;
  private int interim;
  private int bytes;

  /** Who asks. Called on the event loop, and not behind {@link #ended}. */
  public interface Asker<S> {
    /** Connected, and secured if it is to be: the question can be written. */
    void connected(S stream);

    /** The head of a final answer, or of a 101, which is well-formed. */
    void answer(HttpResponseStatus status, HttpHeaders fields);

    /**
     * A part of its body, what an interim answer ends with, or what comes behind a 101; taken over.
     *
     * @param last whether it is the last of an answer
     */
    void part(ByteBuf bytes, boolean last);

    /** The fields behind the body, with which an answer ends; its last part follows. */
    default void trailers(HttpHeaders fields) {}

    /**
     * It is over, and its connection is gone. Once.
     *
     * @param end why
     * @param cause what happened to the connection; null: nothing
     */
    void ended(End end, @Nullable Throwable cause);
  }

  /** How a connection is made for a call. */
  @FunctionalInterface
  public interface Way<S> {
    /**
     * Dials; the listener hears of it, perhaps before this returns.
     *
     * @return null: it has failed already
     */
    @Nullable S dial(EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener);
  }

  /** Why a call is over. */
  public enum End {
    /** It was {@linkplain #stop() stopped}. */
    STOPPED,
    /** Its time is over. */
    TIMED_OUT,
    /** No connection could be made. */
    NO_CONNECTION,
    /** TLS could not be agreed on. */
    TLS_FAILED,
    /** The other side has ended the connection. */
    CLOSED,
    /** What came is no answer. */
    MALFORMED,
    /** Interim answers without end. */
    INTERIM,
    /** More came than is read. */
    TOO_LONG
  }

  /**
   * A call that has not begun.
   *
   * @param tls what the connection is secured with, held and let go at the end; null: it is in the
   *     clear
   * @param mostBytes of bodies, and behind answers, that are read; beyond it is over
   */
  public OutboundCall(
      DeadlineSweep deadlines, @Nullable TlsTarget tls, int mostBytes, Asker<S> asker) {
    this.deadlines = deadlines;
    this.tls = tls;
    this.mostBytes = mostBytes;
    this.asker = asker;
  }

  /**
   * Dials.
   *
   * @param within the time for all of it; above zero
   */
  public void start(Way<S> way, EndpointState endpoint, Duration within) {
    deadlines.arm(this, within);
    S dialled = way.dial(endpoint, tls, this);
    if (!over) {
      stream = dialled;
    } else if (dialled != null) {
      // It has failed already.
      dialled.abandon();
    }
  }

  /** Ends it, and closes its connection. Nothing happens if it is over. */
  public void stop() {
    end(End.STOPPED, null);
  }

  private void end(End why, @Nullable Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    deadlines.disarm(this);
    S open = stream;
    stream = null;
    if (open != null) {
      open.abandon();
    }
    if (tls != null) {
      tls.context().release();
    }
    asker.ended(why, cause);
  }

  @Override
  protected void expired() {
    end(End.TIMED_OUT, null);
  }

  @Override
  public void connected() {
    S open = stream;
    if (open != null) {
      asker.connected(open);
    }
  }

  @Override
  public void connectFailed(Throwable cause) {
    stream = null;
    end(End.NO_CONNECTION, cause);
  }

  @Override
  public void tlsFailed(Throwable cause) {
    stream = null;
    end(End.TLS_FAILED, cause);
  }

  @Override
  public void upstreamClosed(Loss loss) {
    stream = null;
    end(End.CLOSED, null);
  }

  @Override
  public void delivered() {
    // One small head is all that is written.
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (over) {
      return;
    }
    if (status.code() >= 200 || status.code() == 101) {
      asker.answer(status, fields);
    } else if (++interim > MOST_INTERIM) {
      end(End.INTERIM, null);
    }
  }

  @Override
  public void answerMalformed(Throwable cause) {
    end(End.MALFORMED, cause);
  }

  @Override
  public void answerData(ByteBuf more, boolean last) {
    if (over || !fits(more.readableBytes())) {
      more.release();
    } else {
      asker.part(more, last);
    }
  }

  @Override
  public void answerTrailers(HttpHeaders trailers) {
    if (!over) {
      asker.trailers(trailers);
    }
    if (!over) {
      asker.part(Unpooled.EMPTY_BUFFER, true);
    }
  }

  private boolean fits(int count) {
    bytes += count;
    if (bytes > mostBytes) {
      end(End.TOO_LONG, null);
    }
    return bytes <= mostBytes;
  }

  @Override
  public void upstreamReadComplete() {
    // Nothing is passed on.
  }

  @Override
  public void upstreamWritabilityChanged() {
    // One small head is all that is written.
  }
}
