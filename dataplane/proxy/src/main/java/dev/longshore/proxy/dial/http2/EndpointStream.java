package dev.longshore.proxy.dial.http2;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.dial.http2.AnswerFields.Head;
import dev.longshore.proxy.dial.http2.AnswerFields.MalformedException;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamListener.Loss;
import dev.longshore.proxy.http.UpstreamRequestHead;
import dev.longshore.proxy.tunnel.Carrier;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request on a connection to an endpoint. Where it isn't told yet whether there is room on
 * that, it may be moved to another one. What carries a WebSocket is a {@link ConnectStream} of its
 * own. Longer than most: what an event means depends on how far request and answer are, which go on
 * side by side, and these are read together. On the event loop.
 */
final class EndpointStream implements OwnStream {
  /** From here on a request is to wait, and goes on below the lower one. */
  private static final int MUCH_WAITS = 64 * 1024;

  private static final int LITTLE_WAITS = 32 * 1024;

  /** A connection that ends with its only request. */
  private static final Keepalive ALONE = new Keepalive(0, Duration.ofSeconds(1));

  private static final int NO_BODY = 204;
  private static final int NOT_MODIFIED = 304;

  /** How far its answer has come. */
  private enum Answer {
    NONE,
    /** Its final head has come. */
    BODY,
    /** All of it has come, perhaps not all has been taken. */
    COMPLETE
  }

  private @Nullable UpstreamListener listener;
  private @Nullable EndpointConnection connection;
  private @Nullable UntakenAnswer inflow;
  private @Nullable UpstreamRequestHead head;
  private @Nullable HttpHeaders trailers;

  /** From the moment at which the endpoint has accepted a WebSocket. */
  private @Nullable ConnectStream tunnel;

  /** Whether it asks for a WebSocket (RFC 8441). */
  private final boolean handshake;

  private Answer answer = Answer.NONE;
  private boolean ready;
  private boolean reading = true;
  private boolean resuming;
  private boolean full;
  private boolean requestEnded;
  private boolean onWire;
  private boolean refused;
  private int id;
  private int moves;
  private long outstanding;
  private long length = -1;
  private long seen;

  EndpointStream(UpstreamListener listener) {
    this(listener, false);
  }

  /**
   * One that has not begun.
   *
   * @param handshake whether it is for a WebSocket, which the endpoint has to offer
   */
  EndpointStream(UpstreamListener listener, boolean handshake) {
    this.listener = listener;
    this.handshake = handshake;
  }

  /** Whether it is only for connections whose endpoint takes WebSockets on streams. */
  boolean isHandshake() {
    return handshake;
  }

  // ---- for its connection

  /** Waits on a connection, whose listeners hear nothing yet. */
  void waitOn(EndpointConnection on) {
    connection = on;
  }

  /** Times that it was moved to another connection. */
  int move() {
    connection = null;
    return ++moves;
  }

  /** There is room on its connection, of which it has taken its part. */
  void open(EndpointConnection on) {
    connection = on;
    ready = true;
  }

  /** The same, of one that waited. */
  void connected() {
    ready = true;
    UpstreamListener told = listener;
    if (told != null) {
      told.connected();
    }
  }

  void connectFailed(Throwable cause) {
    UpstreamListener told = end();
    if (told != null) {
      told.connectFailed(cause);
    }
  }

  void tlsFailed(Throwable cause) {
    UpstreamListener told = end();
    if (told != null) {
      told.tlsFailed(cause);
    }
  }

  /** Whether nobody cares any more. */
  boolean isAbandoned() {
    return listener == null;
  }

  /** Its number on the wire; 0: none yet. */
  int id() {
    return id;
  }

  private @Nullable UpstreamListener end() {
    UpstreamListener told = listener;
    listener = null;
    UntakenAnswer left = inflow;
    inflow = null;
    if (left != null) {
      left.drop();
    }
    head = null;
    return told;
  }

  // ---- the request

  @Override
  public boolean isReady() {
    return ready;
  }

  private EndpointConnection connection() {
    EndpointConnection on = connection;
    if (on == null) {
      throw new IllegalStateException("no connection");
    }
    return on;
  }

  @Override
  public void request(UpstreamRequestHead request, Keepalive kept) {
    EndpointConnection on = connection();
    Http2Headers list = RequestFields.of(request, on.isSecure());
    head = request;
    begin(on, list, request.body() instanceof Body.None, kept);
  }

  @Override
  public void ask(Http2Headers list, ByteBuf body) {
    EndpointConnection on = connection();
    RequestFields.addressed(list, on.endpoint().toString(), on.isSecure());
    begin(on, list, false, ALONE);
    data(body, true);
  }

  private void begin(EndpointConnection on, Http2Headers list, boolean ended, Keepalive kept) {
    inflow = new UntakenAnswer(on.allocator());
    requestEnded = ended;
    onWire = true;
    id = on.begin(this, kept);
    var _ = on.writeHead(id, list, requestEnded);
    on.flush();
  }

  @Override
  public void handshake(
      UpstreamRequestHead request,
      String key,
      @Nullable String subprotocols,
      @Nullable String extensions) {
    EndpointConnection on = connection();
    head = request;
    begin(
        on,
        RequestFields.handshake(request, on.isSecure(), subprotocols, extensions),
        false,
        Keepalive.DEFAULT);
  }

  @Override
  public void data(ByteBuf bytes, boolean last) {
    int size = bytes.readableBytes();
    if (!onWire || requestEnded || (size == 0 && !last)) {
      bytes.release();
      return;
    }
    requestEnded = last;
    outstanding += size;
    full |= outstanding >= MUCH_WAITS;
    ChannelFuture written = connection().writeData(id, bytes, last);
    written.addListener(done -> written(done.isSuccess(), size, last));
    if (last) {
      connection().flush();
    }
  }

  private void written(boolean success, int size, boolean last) {
    outstanding -= size;
    UpstreamListener told = listener;
    if (told == null) {
      return;
    }
    if (last && success) {
      told.delivered();
    }
    if (full && outstanding < LITTLE_WAITS) {
      full = false;
      if (!last && onWire) {
        told.upstreamWritabilityChanged();
      }
    }
  }

  @Override
  public void trailers(HttpHeaders fields) {
    UpstreamRequestHead of = head;
    if (!onWire || requestEnded || of == null) {
      return;
    }
    Http2Headers list = RequestFields.trailers(of, fields);
    if (list.isEmpty()) {
      data(Unpooled.EMPTY_BUFFER, true);
      return;
    }
    requestEnded = true;
    ChannelFuture sent = connection().writeHead(id, list, true);
    sent.addListener(done -> written(done.isSuccess(), 0, true));
    connection().flush();
  }

  @Override
  public void flush() {
    if (onWire) {
      connection().flush();
    }
  }

  @Override
  public boolean isWritable() {
    return !full;
  }

  @Override
  public boolean hasStoppedTaking() {
    return !onWire;
  }

  // ---- the answer

  @Override
  public void read(boolean on) {
    reading = on;
    if (on && !resuming && inflow != null && (inflow.bytes() > 0 || inflow.hasEnded())) {
      // Not at once: whoever says so may be in the middle of writing to the client.
      resuming = true;
      connection().execute(this::resume);
    }
  }

  private void resume() {
    resuming = false;
    UntakenAnswer from = inflow;
    UpstreamListener told = listener;
    if (!reading || from == null || told == null) {
      return;
    }
    ByteBuf bytes = from.take();
    int size = bytes.readableBytes();
    HttpHeaders behind = trailers;
    boolean last = from.hasEnded();
    if (size > 0 || (last && behind == null)) {
      told.answerData(bytes, last && behind == null);
    } else {
      bytes.release();
    }
    consumed(size);
    if (last && behind != null && listener == told) {
      told.answerTrailers(behind);
    }
    if (listener == told) {
      told.upstreamReadComplete();
    }
  }

  private void consumed(int bytes) {
    if (bytes > 0 && onWire) {
      connection().consumed(id, bytes);
    }
  }

  /** A header list has come. */
  void headers(Http2Headers list, boolean last) {
    ConnectStream carried = tunnel;
    if (carried != null) {
      if (last) {
        carried.ended();
      } else {
        carried.cancel();
      }
      return;
    }
    UpstreamListener told = listener;
    if (told == null) {
      return;
    }
    try {
      switch (answer) {
        case NONE -> head(told, AnswerFields.head(list), last);
        case BODY -> trailers(told, list, last);
        case COMPLETE -> throw new MalformedException("a header list behind the answer");
      }
    } catch (MalformedException e) {
      malformed(e);
    }
  }

  private void head(UpstreamListener told, Head read, boolean last) throws MalformedException {
    HttpResponseStatus status = HttpResponseStatus.valueOf(read.status());
    if (read.status() < 200) {
      if (last) {
        throw new MalformedException("an interim answer that is the end of its stream");
      }
      told.answer(status, read.fields());
      if (listener == told) {
        told.answerData(Unpooled.EMPTY_BUFFER, true);
      }
      return;
    }
    if (handshake && read.status() < 300) {
      accepted(told, status, read.fields(), last);
      return;
    }
    length = AnswerFields.length(read.fields());
    UpstreamRequestHead of = head;
    if ((of != null && of.isHead()) || read.status() == NOT_MODIFIED) {
      // It says what the body of another answer would have.
      length = 0;
    } else if (read.status() == NO_BODY && length < 0) {
      length = 0;
    } else if (length < 0 && !last) {
      read.fields().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else if (length < 0) {
      length = 0;
      read.fields().set(HttpHeaderNames.CONTENT_LENGTH, "0");
    }
    answer = last ? Answer.COMPLETE : Answer.BODY;
    if (last) {
      checkLength();
    }
    told.answer(status, read.fields());
    if (last) {
      ended(told);
    }
  }

  /** What follows is of the tunnel, which the listener makes of it, or gives up. */
  private void accepted(
      UpstreamListener told, HttpResponseStatus status, HttpHeaders fields, boolean last) {
    ConnectStream accepted = new ConnectStream(connection(), id);
    tunnel = accepted;
    answer = Answer.BODY;
    if (last) {
      accepted.ended();
    }
    told.answer(status, fields);
  }

  private void trailers(UpstreamListener told, Http2Headers list, boolean last)
      throws MalformedException {
    if (!last) {
      throw new MalformedException("a second head, or trailers that end nothing");
    }
    HttpHeaders read = AnswerFields.trailers(list);
    answer = Answer.COMPLETE;
    checkLength();
    if (!read.isEmpty()) {
      trailers = read;
    }
    ended(told);
  }

  /** Hands the end on, or keeps it. */
  private void ended(UpstreamListener told) {
    UntakenAnswer in = inflow;
    if (in == null || listener != told) {
      return;
    }
    in.end();
    if (!reading || in.bytes() > 0) {
      return;
    }
    HttpHeaders behind = trailers;
    if (behind == null) {
      told.answerData(Unpooled.EMPTY_BUFFER, true);
    } else {
      told.answerTrailers(behind);
    }
  }

  private void checkLength() throws MalformedException {
    if (length >= 0 && seen != length) {
      throw new MalformedException("the body has not the length that its head says");
    }
  }

  /**
   * A part of the body has come; not taken over.
   *
   * @return how many of its bytes are taken already
   */
  int arrived(ByteBuf bytes, boolean last) {
    ConnectStream carried = tunnel;
    if (carried != null) {
      return carried.arrived(bytes, last);
    }
    UpstreamListener told = listener;
    UntakenAnswer in = inflow;
    int size = bytes.readableBytes();
    if (told == null || in == null) {
      return size;
    }
    try {
      if (answer != Answer.BODY) {
        throw new MalformedException("data before a head");
      }
      seen += size;
      if (length >= 0 && seen > length) {
        throw new MalformedException("the body is longer than its head says");
      }
      if (last) {
        answer = Answer.COMPLETE;
        checkLength();
      }
    } catch (MalformedException e) {
      malformed(e);
      return size;
    }
    if (!reading || in.bytes() > 0) {
      in.keep(bytes);
      if (last) {
        in.end();
      }
      return 0;
    }
    if (last) {
      in.end();
    }
    if (size > 0 || last) {
      told.answerData(in.own(bytes), last);
    }
    return size;
  }

  void readComplete() {
    ConnectStream carried = tunnel;
    if (carried != null) {
      carried.readComplete();
    }
    UpstreamListener told = listener;
    if (told != null) {
      told.upstreamReadComplete();
    }
  }

  /** What came breaks the rules: the stream is reset, and the listener told. */
  private void malformed(Throwable why) {
    connection().malformed();
    connection().reset(id, Http2Error.PROTOCOL_ERROR);
    broken(why);
  }

  /** The same, of a stream that is being reset already. */
  void broken(Throwable why) {
    UpstreamListener told = end();
    if (told != null) {
      told.answerMalformed(why);
    }
  }

  /** A fault of ours, or a want of memory, while it heard of something. */
  void faulted() {
    ConnectStream carried = tunnel;
    if (carried != null && listener == null) {
      carried.cancel();
    } else if (onWire) {
      connection().reset(id, Http2Error.INTERNAL_ERROR);
    } else if (id == 0 && connection != null) {
      connection.left(this);
    }
    lost(Loss.BROKEN);
  }

  /** What was to be sent can't be: the head is larger than the endpoint takes, say. */
  void unwritable() {
    lost(Loss.BROKEN);
  }

  /** The endpoint has reset it, and has not begun the request. */
  void refused() {
    refused = true;
  }

  /** Frames of it come and go no more; why, its connection and what came before say. */
  void offWire() {
    onWire = false;
    ConnectStream carried = tunnel;
    if (carried != null) {
      carried.offWire();
    }
    if (answer == Answer.COMPLETE || listener == null) {
      return;
    }
    boolean unheard = answer == Answer.NONE;
    if (unheard && (refused || connection().hasNotBegun(id))) {
      connection().unsent();
      lost(Loss.UNSENT);
    } else if (unheard && connection().isGone() && connection().hasServed()) {
      lost(Loss.CROSSED);
    } else {
      lost(Loss.BROKEN);
    }
  }

  private void lost(Loss loss) {
    UpstreamListener told = end();
    if (told != null) {
      told.upstreamClosed(loss);
    }
  }

  // ---- its end

  /** Bytes that the endpoint has not taken wait for what is answered already. */
  @Override
  public void finished(Keepalive kept) {
    abandon();
  }

  @Override
  public void abandon() {
    end();
    EndpointConnection on = connection;
    if (on == null) {
      return;
    }
    if (tunnel != null) {
      tunnel.cancel();
    } else if (onWire) {
      boolean complete = answer == Answer.COMPLETE;
      if (!complete || !requestEnded || outstanding > 0) {
        on.reset(id, complete ? Http2Error.NO_ERROR : Http2Error.CANCEL);
      }
    } else if (id == 0) {
      on.left(this);
    }
  }

  @Override
  public void leaveHttp() {
    // It has: what comes is kept for the tunnel.
  }

  @Override
  public Carrier handOver() {
    end();
    return Objects.requireNonNull(tunnel, "no handshake was accepted");
  }

  @Override
  public long heldBytes() {
    return outstanding + (inflow == null ? 0 : inflow.bytes());
  }
}
