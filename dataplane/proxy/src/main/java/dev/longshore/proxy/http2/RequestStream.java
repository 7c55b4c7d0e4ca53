package dev.longshore.proxy.http2;

import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.fields.EndToEnd;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.ClientStream;
import dev.longshore.proxy.http.ErrorAnswer;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.WriteStall;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.multiplex.Inflow;
import dev.longshore.proxy.multiplex.StreamEnd;
import dev.longshore.proxy.multiplex.TunnelStream;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.ReadBuffer;
import dev.longshore.proxy.tunnel.TunnelEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
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
 * only itself. What comes is its {@link Inflow}'s, what goes its {@link StreamOutput}'s; here it is
 * told whose it is: an exchange's, a tunnel's, or nobody's. Each of the three interfaces is what
 * one of these sees of it, which makes it longer than most.
 */
final class RequestStream
    implements ClientStream, Carrier, Outflow, Inflow.Taker, TunnelStream, Turn.Member {
  private static final Logger LOG = LoggerFactory.getLogger(RequestStream.class);

  private final MultiplexedConnection connection;
  private final Http2Stream wire;
  private final Inflow inflow;
  private final StreamOutput output;
  private Duration stallBound = Timeouts.DEFAULT.writeStall();
  private @Nullable ClientRequest request;
  private @Nullable Exchange exchange;
  private @Nullable StreamEnd end;
  private @Nullable Timer timer;
  private @Nullable HttpHeaders trailers;
  private long heapHeld;

  /** Whether what comes is dropped: the request has no body, or is over. */
  private boolean deaf;

  private boolean placed;
  private boolean answered;
  private boolean closed;

  RequestStream(MultiplexedConnection connection, Http2Stream wire) {
    this.connection = connection;
    this.wire = wire;
    this.inflow = new Inflow(this, connection.allocator());
    this.output = new StreamOutput(connection.codec(), connection.turn(), this, wire.id());
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
    connection.turn().touched(this);
  }

  /** Fields have come with which the request ends; null: malformed ones. */
  void ended(HttpHeaders fields) {
    if (!deaf && !closed) {
      trailers = fields.isEmpty() ? null : fields;
      inflow.end();
      connection.turn().touched(this);
    }
  }

  @Override
  public void readComplete() {
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

  @Override
  public void tellWritability() {
    Exchange current = exchange;
    if (end != null) {
      end.writabilityChanged();
    } else if (current != null && !answered) {
      current.clientWritabilityChanged();
    }
  }

  @Override
  public boolean unblock() {
    return output.unblock();
  }

  @Override
  public void offered() {
    if (end == null) {
      output.watch(
          stallBound,
          bound -> new WriteStall(connection.deadlines(), bound, output::pending, this::stalled));
    }
  }

  private void stalled() {
    connection.recorder().stalled();
    giveUp(Http2Error.CANCEL);
  }

  /** Its client broke the rules; it is reset behind this. */
  void broken(String why) {
    output.silence();
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
    output.silence();
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
    boolean whole = output.hasEnded() && inflow.hasEnded();
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
    output.stopWatching();
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
      output.silence();
      connection.reset(wire.id(), error);
    }
  }

  /** About how many bytes wait for it, but for those of a tunnel, which are counted there. */
  long heldBytes() {
    Exchange current = exchange;
    return end != null
        ? 0
        : output.pending() + inflow.heldBytes() + (current == null ? 0 : current.heldBytes());
  }

  @Override
  public void failed(Throwable cause) {
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
    connection.moved(output.pending(bytes), bytes);
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
        connection.turn().flush();
      }
    }
  }

  @Override
  public void expectTunnel() {
    resume();
  }

  @Override
  public boolean isWritable() {
    return output.isWritable();
  }

  @Override
  public void interim(HttpResponseStatus status, HttpHeaders fields) {
    if (!output.isSilent()) {
      output.write(answer(status).with(fields).fields(), false);
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
    output.head(answer(status).with(fields).fields());
  }

  @Override
  public void data(ByteBuf bytes, boolean last) {
    answered |= last;
    output.data(bytes, last);
    if (last) {
      flush();
    }
  }

  /** Writes a part of a tunnel. Taken over. */
  @Override
  public void write(ByteBuf bytes, boolean last) {
    boolean before = output.isWritable();
    output.data(bytes, last);
    if (before && !output.isWritable() && end != null) {
      end.writabilityChanged();
    }
  }

  @Override
  public void trailers(HttpHeaders fields) {
    answered = true;
    output.trailers(new FieldList().with(fields).fields());
    flush();
  }

  @Override
  public void flush() {
    output.flush();
  }

  @Override
  public void finished() {
    answered = true;
    exchange = null;
    deaf = true;
    inflow.drop();
    arm(Duration.ZERO);
    hold(0);
    if (wire.state().remoteSideOpen()) {
      // What is still sent nobody has a use for (RFC 9113 §8.1).
      output.whenEnded(() -> reset(Http2Error.NO_ERROR));
    }
  }

  @Override
  public void refuse(LocalAnswer refusal) {
    ClientRequest refused = request;
    if (refused != null && GrpcCalls.isOne(refused.headers())) {
      String strict = connection.strictTransportSecurity();
      write(ErrorAnswer.toCall(refusal, refused.id(), strict), false);
    } else if (refused != null) {
      writeAnswer(
          refusal, refused.headers().get(HttpHeaderNames.ACCEPT), refused.id(), refused.isHead());
    }
    finished();
  }

  private void writeAnswer(
      LocalAnswer refusal, @Nullable String accept, String id, boolean toHead) {
    String strict = connection.strictTransportSecurity();
    write(ErrorAnswer.of(allocator(), refusal, accept, id, strict), toHead);
  }

  private void write(ErrorAnswer answer, boolean toHead) {
    if (output.isSilent()) {
      answer.body().release();
      answered = true;
      return;
    }
    head(answer.status(), answer.fields());
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
    output.write(list.fields(), false);
    output.flush();
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

  @Override
  public void cancel() {
    deaf = true;
    inflow.drop();
    reset(Http2Error.CANCEL);
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isReading() {
    return inflow.isReading();
  }

  @Override
  public long pendingBytes() {
    return output.pending();
  }

  @Override
  public long heldByTunnel() {
    return output.pending() + inflow.heldBytes();
  }

  @Override
  public ByteBufAllocator allocator() {
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
