package dev.longshore.proxy.http2;

import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.fields.EndToEnd;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.ClientStream;
import dev.longshore.proxy.http.ErrorAnswer;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.WriteStall;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.ReadBuffer;
import dev.longshore.proxy.tunnel.TunnelEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream of a client: one request with its answer, or one WebSocket. What it holds is bounded by
 * its own windows, so one that its client doesn't read, or that its upstream doesn't take, holds up
 * only itself. Longer than most: a request, its answer and a tunnel are told apart by what of the
 * stream has ended, and that is read together.
 */
final class RequestStream implements ClientStream, Carrier, Outflow, Inflow.Taker {
  private static final Logger LOG = LoggerFactory.getLogger(RequestStream.class);

  /** As for a connection of a tunnel: what waits beside the client's window. */
  private static final int FULL = 32 * 1024;

  private static final int ROOM = 16 * 1024;

  private final MultiplexedConnection connection;
  private final Http2Stream wire;
  private final Inflow inflow;
  private Duration stallBound = Timeouts.DEFAULT.writeStall();
  private @Nullable ClientRequest request;
  private @Nullable Exchange exchange;
  private @Nullable StreamEnd end;
  private @Nullable Timer timer;
  private @Nullable WriteStall stall;
  private @Nullable Http2Headers head;
  private @Nullable HttpHeaders trailers;
  private @Nullable ChannelFuture lastWrite;
  private long pending;
  private long heapHeld;

  /** Whether what comes is dropped: the request has no body, or is over. */
  private boolean deaf;

  /** Whether nothing is written any more: it is broken, and about to be reset. */
  private boolean mute;

  private boolean placed;
  private boolean answered;
  private boolean outputEnded;
  private boolean blocked;
  private boolean closed;

  RequestStream(MultiplexedConnection connection, Http2Stream wire) {
    this.connection = connection;
    this.wire = wire;
    this.inflow = new Inflow(this, connection.allocator());
  }

  // ---- for the connection

  /**
   * Its request is this one.
   *
   * @param last whether it ends with its head
   * @param heap bytes that the head takes, as they are counted
   */
  void serve(ClientRequest next, boolean last, long heap) {
    request = next;
    hold(heap);
    // A length of 0 was announced, and is held to by the codec.
    deaf = last || (!next.hasBody() && !next.websocket());
  }

  /** What came is no request that can be read: answers it, and ends the stream. */
  void refuseUnread(LocalAnswer refusal, @Nullable String accept, String id, boolean toHead) {
    deaf = true;
    writeAnswer(refusal, accept, id, toHead);
    finished();
  }

  /** It has a place among all connections. */
  void placed() {
    placed = true;
  }

  boolean isPlaced() {
    return placed;
  }

  /** Whether it is a tunnel, or is to be one (RFC 9113 §8.5). */
  boolean isConnect() {
    ClientRequest asked = request;
    return end != null || (asked != null && asked.websocket());
  }

  /** Data has come, which is the caller's. */
  void arrived(ByteBuf data, boolean last) {
    if (deaf || closed) {
      taken(data.readableBytes());
      return;
    }
    inflow.arrived(data);
    if (last) {
      inflow.end();
    }
    connection.touched(this);
  }

  /** Fields have come with which the request ends; null: malformed ones. */
  void ended(HttpHeaders fields) {
    if (!deaf && !closed) {
      trailers = fields.isEmpty() ? null : fields;
      inflow.end();
      connection.touched(this);
    }
  }

  /** All that was there has been read. */
  void readComplete() {
    inflow.deliver();
    delivered();
  }

  private void delivered() {
    Exchange current = exchange;
    if (end != null) {
      end.readComplete();
      closeIfDone();
    } else if (current != null) {
      current.clientReadComplete();
    }
  }

  /** There is room again, or there is none. */
  void tellWritability() {
    Exchange current = exchange;
    if (end != null) {
      end.writabilityChanged();
    } else if (current != null && !answered) {
      current.clientWritabilityChanged();
    }
  }

  /** Whether it was full, and has room again. */
  boolean unblock() {
    if (blocked && pending <= ROOM && connection.isWritable()) {
      blocked = false;
      return true;
    }
    return false;
  }

  /** What was written has been offered to the client. */
  void offered() {
    if (pending > 0 && !closed && end == null && stallBound.isPositive()) {
      WriteStall watch = stall;
      if (watch == null) {
        watch = connection.watch(stallBound, this::pendingBytes, this::stalled);
        stall = watch;
      }
      watch.flushed();
    }
  }

  private void stalled() {
    connection.recorder().stalled();
    giveUp(Http2Error.CANCEL);
  }

  /** Its client broke the rules; it is reset behind this. */
  void broken(String why) {
    mute = true;
    Exchange current = exchange;
    if (current != null && !answered) {
      current.requestMalformed(new IllegalArgumentException(why));
      leaveExchange();
    }
    if (end != null) {
      end.closed();
    }
  }

  /** It has ended, in whatever way. */
  void closed() {
    if (closed) {
      return;
    }
    closed = true;
    letGo();
    leaveExchange();
    if (end == null) {
      inflow.drop();
    }
    closeIfDone();
    connection.left(this);
  }

  /** What came before both ends of a stream is still for the upstream to take. */
  private void closeIfDone() {
    StreamEnd tunnel = end;
    if (!closed || tunnel == null) {
      return;
    }
    boolean whole = outputEnded && inflow.hasEnded();
    if (!whole || inflow.isEmpty() || tunnel.gone()) {
      inflow.drop();
      tunnel.closed();
    }
  }

  /** The client has left, or is given up: its exchange hears of that, if there is one. */
  private void leaveExchange() {
    Exchange current = exchange;
    exchange = null;
    if (current != null && !answered) {
      current.clientGone();
    }
  }

  private void letGo() {
    hold(0);
    Timer armed = timer;
    if (armed != null) {
      connection.deadlines().disarm(armed);
    }
    WriteStall watch = stall;
    if (watch != null) {
      watch.stop();
    }
  }

  private void hold(long bytes) {
    if (bytes != heapHeld) {
      connection.holdHeap(bytes - heapHeld);
      heapHeld = bytes;
    }
  }

  /** Ends it from our side, in the middle of whatever it is at. */
  void giveUp(Http2Error error) {
    deaf = true;
    inflow.drop();
    leaveExchange();
    reset(error);
  }

  private void reset(Http2Error error) {
    if (!closed) {
      mute = true;
      connection.reset(wire.id(), error);
    }
  }

  /** About how many bytes wait for it, but for those of a tunnel, which are counted there. */
  long heldBytes() {
    Exchange current = exchange;
    return end != null
        ? 0
        : pending + inflow.heldBytes() + (current == null ? 0 : current.heldBytes());
  }

  /** A fault of ours, or no memory for it. */
  void failed(Throwable cause) {
    if (end != null) {
      end.failed(cause);
    } else {
      LOG.warn("a stream of HTTP/2 is ended by a fault", cause);
      giveUp(Http2Error.INTERNAL_ERROR);
    }
  }

  // ---- from its windows

  @Override
  public void pending(long bytes) {
    long gone = pending - bytes;
    pending = bytes;
    connection.moved(gone, bytes);
  }

  @Override
  public void take(ByteBuf bytes, boolean last) {
    StreamEnd tunnel = end;
    Exchange current = exchange;
    if (tunnel != null) {
      tunnel.received(bytes, last);
    } else if (current == null) {
      bytes.release();
    } else if (last && current.needsInput()) {
      // Half a tunnel is none.
      bytes.release();
      giveUp(Http2Error.CANCEL);
    } else if (last && trailers != null) {
      if (bytes.isReadable()) {
        current.requestData(bytes, false);
      } else {
        bytes.release();
      }
      if (exchange == current) {
        current.requestTrailers(trailers);
      }
    } else {
      current.requestData(bytes, last);
    }
  }

  @Override
  public void taken(int bytes) {
    if (bytes > 0) {
      connection.consumed(wire, bytes);
    }
  }

  // ---- for the exchange

  @Override
  public void execute(Runnable task) {
    eventLoop().execute(task);
  }

  @Override
  public void arm(Duration after) {
    Timer armed = timer;
    if (armed == null) {
      if (after.isZero()) {
        return;
      }
      armed = new Timer();
      timer = armed;
    }
    connection.deadlines().arm(armed, closed ? Duration.ZERO : after);
  }

  @Override
  public void boundStall(Duration bound) {
    stallBound = bound;
  }

  @Override
  public void begin(Exchange next) {
    exchange = next;
    next.start();
  }

  @Override
  public void pause() {
    inflow.read(false);
  }

  @Override
  public void resume() {
    if (!inflow.isReading()) {
      inflow.read(true);
      if (!inflow.isEmpty()) {
        inflow.deliver();
        delivered();
        connection.flush();
      }
    }
  }

  @Override
  public void expectTunnel() {
    resume();
  }

  @Override
  public boolean isWritable() {
    return !blocked;
  }

  @Override
  public void interim(HttpResponseStatus status, HttpHeaders fields) {
    if (!mute) {
      connection.writeHead(wire.id(), answer(status).with(fields).fields(), false);
      flush();
    }
  }

  private static FieldList answer(HttpResponseStatus status) {
    FieldList list = new FieldList();
    list.fields().status(status.codeAsText());
    return list;
  }

  @Override
  public void head(HttpResponseStatus status, HttpHeaders fields) {
    // Written with what comes next, which may be the end.
    head = answer(status).with(fields).fields();
  }

  private boolean writeHead(boolean last) {
    Http2Headers waiting = head;
    head = null;
    if (waiting != null && !mute) {
      ChannelFuture written = connection.writeHead(wire.id(), waiting, last);
      if (last) {
        lastWrite = written;
      }
    }
    return waiting != null;
  }

  @Override
  public void data(ByteBuf bytes, boolean last) {
    boolean only = last && !bytes.isReadable();
    answered |= last;
    if (writeHead(only) && only) {
      bytes.release();
    } else if (bytes.isReadable() || last) {
      write(bytes, last);
    } else {
      bytes.release();
    }
    if (last) {
      flush();
    }
  }

  /** Writes a part of a body or of a tunnel. Taken over. */
  void write(ByteBuf bytes, boolean last) {
    if (mute || closed) {
      bytes.release();
      return;
    }
    WriteStall watch = stall;
    if (watch != null) {
      watch.wrote(bytes.readableBytes());
    }
    ChannelFuture written = connection.writeData(wire.id(), bytes, last);
    if (last) {
      outputEnded = true;
      lastWrite = written;
    }
    if (!blocked && isFull()) {
      // Often the windows and the socket take it all.
      connection.flushNow();
      if (isFull() && !closed) {
        blocked = true;
        connection.blocked(this);
        if (end != null) {
          end.writabilityChanged();
        }
      }
    }
  }

  private boolean isFull() {
    return pending > FULL || !connection.isWritable();
  }

  @Override
  public void trailers(HttpHeaders fields) {
    writeHead(false);
    answered = true;
    if (fields.isEmpty()) {
      write(Unpooled.EMPTY_BUFFER, true);
    } else if (!mute && !closed) {
      lastWrite = connection.writeHead(wire.id(), new FieldList().with(fields).fields(), true);
    }
    flush();
  }

  @Override
  public void flush() {
    writeHead(false);
    connection.flush(this);
  }

  @Override
  public void finished() {
    answered = true;
    exchange = null;
    deaf = true;
    inflow.drop();
    arm(Duration.ZERO);
    hold(0);
    ChannelFuture written = lastWrite;
    lastWrite = null;
    if (written != null && wire.state().remoteSideOpen()) {
      // What is still sent nobody has a use for (RFC 9113 §8.1).
      written.addListener(
          done -> {
            if (done.isSuccess() && !closed) {
              reset(Http2Error.NO_ERROR);
            }
          });
    }
  }

  @Override
  public void refuse(LocalAnswer refusal) {
    ClientRequest refused = request;
    if (refused != null) {
      writeAnswer(
          refusal, refused.headers().get(HttpHeaderNames.ACCEPT), refused.id(), refused.isHead());
    }
    finished();
  }

  private void writeAnswer(
      LocalAnswer refusal, @Nullable String accept, String id, boolean toHead) {
    if (mute || closed) {
      answered = true;
      return;
    }
    ErrorAnswer answer =
        ErrorAnswer.of(allocator(), refusal, accept, id, connection.strictTransportSecurity());
    head(refusal.status(), answer.fields());
    if (toHead) {
      answer.body().release();
      data(Unpooled.EMPTY_BUFFER, true);
    } else {
      data(answer.body(), true);
    }
  }

  @Override
  public void reset() {
    exchange = null;
    deaf = true;
    reset(Http2Error.INTERNAL_ERROR);
  }

  @Override
  public void cut() {
    giveUp(Http2Error.INTERNAL_ERROR);
  }

  @Override
  public Carrier accept(
      String accept,
      @Nullable String subprotocol,
      @Nullable String extensions,
      HttpHeaders fields) {
    FieldList list = answer(HttpResponseStatus.OK);
    if (subprotocol != null) {
      list.field(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    if (extensions != null) {
      list.field(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> each = fields.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = each.next();
      if (EndToEnd.isSettableInResponse(field.getKey())) {
        list.field(field.getKey(), field.getValue());
      }
    }
    exchange = null;
    request = null;
    letGo();
    timer = null;
    stall = null;
    connection.writeHead(wire.id(), list.fields(), false);
    connection.flush(this);
    return this;
  }

  // ---- for the tunnel

  @Override
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  @Override
  public TunnelEnd end(ReadBuffer readBuffer) {
    StreamEnd made = new StreamEnd(this);
    end = made;
    return made;
  }

  /** Breaks off, as a connection does by a reset. */
  void cancel() {
    deaf = true;
    inflow.drop();
    reset(Http2Error.CANCEL);
  }

  boolean isClosed() {
    return closed;
  }

  boolean isReading() {
    return inflow.isReading();
  }

  long pendingBytes() {
    return pending;
  }

  long heldByTunnel() {
    return pending + inflow.heldBytes();
  }

  ByteBufAllocator allocator() {
    return connection.allocator();
  }

  /** The deadline of its exchange. */
  private final class Timer extends Deadline {
    @Override
    protected void expired() {
      Exchange current = exchange;
      if (current != null) {
        current.expired();
      }
    }

    @Override
    protected void failed() {
      cut();
    }
  }
}
