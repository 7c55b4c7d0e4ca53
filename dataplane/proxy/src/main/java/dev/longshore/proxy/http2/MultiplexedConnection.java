package dev.longshore.proxy.http2;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.http.ClientListener;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.HttpAnswers;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.PartialHead;
import dev.longshore.proxy.http.Protocol;
import dev.longshore.proxy.http.RequestInterpreter.Result;
import dev.longshore.proxy.http.RequestRecorder;
import dev.longshore.proxy.http.ServedConnection;
import dev.longshore.proxy.http.WriteStall;
import dev.longshore.proxy.limit.ClientSlot;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.multiplex.ControlFrames;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * One client connection that speaks HTTP/2: who serves its streams, and what they share. When it
 * goes is its {@link Departure}'s, what its streams are told when is its {@link Turn}'s. Longer
 * than most, for codec, streams, budget and listeners each see a few short methods of it.
 */
public final class MultiplexedConnection
    implements ServedConnection, Codec.Owner, ReceivedFrames.Receiver {
  private static final LocalAnswer NO_ROOM =
      LocalAnswer.unavailable("there are as many connections and streams as there may be");

  /** Of a list, what a field takes of the heap beside its characters. */
  private static final int FIELD_BYTES = 160;

  private static final int LEAST_USEFUL = 256;

  private final Channel channel;
  private final LoopContext loopContext;
  private final ClientPeer peer;
  private final ControlFrames control;
  private final Codec codec;
  private final Turn turn;
  private final Departure departure;
  private final HeadDeadline headDeadline;
  private final WriteStall stall;
  private int placed;
  private long heapHeld;

  private MultiplexedConnection(
      Channel channel, LoopContext loopContext, ClientPeer peer, Bounds bounds, int streams) {
    this.channel = channel;
    this.loopContext = loopContext;
    this.peer = peer;
    Ticker ticker = loopContext.deadlines().ticker();
    this.control =
        new ControlFrames(
            ticker::nanoTime,
            HardLimits.HTTP2_CONTROL_FRAMES,
            HardLimits.HTTP2_CONTROL_FRAMES_PER_SECOND);
    this.codec =
        Codec.server(
            streams,
            bounds.requestLineBytes() + bounds.headerBytes(),
            bounds.headerCount(),
            this,
            new ReceivedFrames(control, this),
            control,
            ticker);
    this.turn = new Turn(codec);
    this.departure = new Departure(channel, loopContext, codec);
    this.headDeadline = new HeadDeadline(codec, loopContext);
    this.stall =
        new WriteStall(
            loopContext.deadlines(),
            Timeouts.DEFAULT.writeStall(),
            () -> Holder.waitingFor(channel),
            this::stalled);
    codec.connection().addListener(new Ends());
  }

  /**
   * Has HTTP/2 spoken on an open connection. On its event loop.
   *
   * @param loopContext what all connections of its event loop share
   * @param peer who is connected
   * @param bounds as they are when it is accepted
   * @param streams that it may have open at a time
   */
  public static void serve(
      Channel channel, LoopContext loopContext, ClientPeer peer, Bounds bounds, int streams) {
    MultiplexedConnection connection =
        new MultiplexedConnection(channel, loopContext, peer, bounds, streams);
    loopContext.opened(connection);
    // Who ends its stream has no use for what is on its way: frames go both ways to the end.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    channel
        .pipeline()
        .addLast("written", new WrittenBytes(connection.stall))
        .addLast("http2", connection.codec);
    connection.begin();
  }

  private void begin() {
    departure.begin();
    if (loopContext.draining(peer)) {
      // It came just before, and what it has asked already is still answered.
      departure.goAway();
    }
    turn.flushNow();
  }

  // ---- for its event loop

  @Override
  public void drain() {
    departure.drain();
  }

  @Override
  public boolean cameBy(ClientListener listener) {
    return peer.listener().equals(listener);
  }

  @Override
  public void closeNow() {
    TlsStream.closeNow(channel);
  }

  @Override
  public Kind kind() {
    return Kind.HTTP;
  }

  @Override
  public long heldBytes() {
    long[] sum = {Holder.waitingFor(channel) + codec.heldBytes()};
    try {
      codec
          .connection()
          .forEachActiveStream(
              wire -> {
                RequestStream stream = wire.getProperty(codec.key());
                sum[0] += stream == null ? 0 : stream.heldBytes();
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException("the visitor above throws nothing", e);
    }
    return sum[0];
  }

  @Override
  public long heldHeap() {
    return heapHeld;
  }

  @Override
  public void shed() {
    Holder.forgetUnsent(channel);
    TlsStream.cut(channel);
  }

  // ---- for its streams

  EventLoop eventLoop() {
    return channel.eventLoop();
  }

  ByteBufAllocator allocator() {
    return channel.alloc();
  }

  Codec codec() {
    return codec;
  }

  Turn turn() {
    return turn;
  }

  DeadlineSweep deadlines() {
    return loopContext.deadlines();
  }

  RequestRecorder recorder() {
    return loopContext.recorder();
  }

  @Nullable String strictTransportSecurity() {
    return loopContext.strictTransportSecurity(peer);
  }

  void holdHeap(long change) {
    heapHeld += change;
    loopContext.heads().add(change);
  }

  /** A stream has so much less to send. */
  void moved(long bytes, long left) {
    // A client that has its answer in crumbs gets no say for each of them.
    if (bytes > 0 && (left == 0 || bytes >= LEAST_USEFUL)) {
      control.useful();
    }
  }

  /** A stream's data was taken. */
  void consumed(Http2Stream wire, int bytes) {
    try {
      codec.connection().local().flowController().consumeBytes(wire, bytes);
    } catch (Http2Exception e) {
      codec.onError(codec.context(), true, e);
    }
  }

  void reset(int id, Http2Error error) {
    ChannelHandlerContext ctx = codec.context();
    var _ = codec.encoder().writeRstStream(ctx, id, error.code(), ctx.newPromise());
    turn.flush();
  }

  /** A stream has ended. */
  void left(RequestStream stream) {
    turn.left(stream);
    if (stream.isPlaced() && --placed > 0) {
      ClientSlot.of(channel).giveStream();
    }
    departure.left();
  }

  private void stalled() {
    recorder().stalled();
    TlsStream.cut(channel);
  }

  // ---- from the codec

  @Override
  public void readComplete() {
    turn.readComplete();
    headDeadline.look();
  }

  @Override
  public void flushed() {
    stall.flushed();
    turn.flushed();
  }

  @Override
  public void writabilityChanged() {
    turn.makeRoom();
  }

  @Override
  public void gone() {
    departure.gone();
    headDeadline.stop();
    stall.stop();
    loopContext.left(this);
  }

  @Override
  public void streamBroken(int id, Http2Error error, String why) {
    recorder().http2Broken(false, error.name());
    Http2Stream wire = codec.connection().stream(id);
    RequestStream stream = wire == null ? null : wire.getProperty(codec.key());
    if (stream != null) {
      stream.broken(why);
    } else if (wire != null) {
      // Its head alone was enough: a length that is none, or not that of what came.
      unreadable(loopContext.ids().next(), LocalAnswer.malformed(why).because(Reason.FRAMING));
    }
  }

  private void unreadable(String request, LocalAnswer refusal) {
    recorder().unreadable(Protocol.HTTP_2, peer.text(), request, refusal, PartialHead.NONE);
  }

  @Override
  public void headersTooLarge(int id) {
    Http2Stream wire = codec.connection().stream(id);
    try {
      if (wire == null) {
        wire = codec.connection().remote().createStream(id, true);
      }
    } catch (Http2Exception e) {
      reset(id, e.error());
      return;
    }
    if (wire.getProperty(codec.key()) == null) {
      String request = loopContext.ids().next();
      unreadable(request, HttpAnswers.HEADERS_TOO_LARGE);
      opened(wire).refuseUnread(HttpAnswers.HEADERS_TOO_LARGE, null, request, false);
    } else {
      streamBroken(id, Http2Error.PROTOCOL_ERROR, "the trailers are larger than allowed");
      reset(id, Http2Error.PROTOCOL_ERROR);
    }
  }

  @Override
  public void connectionBroken(Http2Error error) {
    if (!departure.isOver()) {
      departure.broken();
      recorder().http2Broken(true, error.name());
    }
  }

  // ---- frames

  private RequestStream opened(Http2Stream wire) {
    RequestStream stream = new RequestStream(this, wire);
    wire.setProperty(codec.key(), stream);
    departure.opened();
    return stream;
  }

  @Override
  public void head(int id, Http2Headers headers, boolean last) throws Http2Exception {
    Http2Stream wire = codec.connection().stream(id);
    RequestStream stream = wire.getProperty(codec.key());
    if (stream == null) {
      RequestStream opened = opened(wire);
      Turn.guarded(opened, () -> begin(opened, headers, last));
      return;
    }
    if (stream.isConnect()) {
      throw Http2Exception.streamError(
          id, Http2Error.PROTOCOL_ERROR, "there is only DATA in a tunnel");
    }
    var trailers = RequestHead.trailers(headers);
    if (trailers == null) {
      throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "the trailers are malformed");
    }
    Turn.guarded(stream, () -> stream.ended(trailers));
  }

  /** The first has that of the connection. */
  private boolean takePlace(RequestStream stream) {
    if (placed > 0 && !ClientSlot.of(channel).takeStream()) {
      return false;
    }
    placed++;
    stream.placed();
    return true;
  }

  private void begin(RequestStream stream, Http2Headers headers, boolean last) {
    HeadReader.Outcome head = HeadReader.read(headers, last, peer, loopContext);
    switch (head.read()) {
      case Result.Sound(var request) -> {
        if (!takePlace(stream)) {
          recorder()
              .unreadable(
                  Protocol.HTTP_2, request.client().text(), request.id(), NO_ROOM, head.seen());
          stream.refuseUnread(NO_ROOM, head.accept(), request.id(), head.head());
          return;
        }
        long heap = HeadMemory.counted(head.bytes() + (long) head.lines() * FIELD_BYTES);
        stream.serve(request, last, heap);
        loopContext.exchanges().begin(stream, request);
      }
      case Result.Refused(LocalAnswer refusal, String id, String client) -> {
        recorder().unreadable(Protocol.HTTP_2, client, id, refusal, head.seen());
        stream.refuseUnread(refusal, head.accept(), id, head.head());
      }
      case null -> {
        String fault = String.valueOf(head.fault());
        recorder()
            .unreadable(
                Protocol.HTTP_2,
                head.sender().client().text(),
                head.sender().id(),
                LocalAnswer.malformed(fault).because(Reason.HEADER_FIELD),
                head.seen());
        recorder().http2Broken(false, Http2Error.PROTOCOL_ERROR.name());
        stream.giveUp(Http2Error.PROTOCOL_ERROR);
      }
    }
  }

  @Override
  public void data(int id, ByteBuf data, boolean last) {
    Http2Stream wire = codec.connection().stream(id);
    RequestStream stream = wire.getProperty(codec.key());
    if (stream == null) {
      consumed(wire, data.readableBytes());
    } else {
      Turn.guarded(stream, () -> stream.arrived(data, last));
    }
  }

  @Override
  public void settings() throws Http2Exception {
    codec.boundHeaderTable();
  }

  @Override
  public boolean answered(long ping) {
    return departure.answered(ping);
  }

  /** Hears of streams that have ended. */
  private final class Ends extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream wire) {
      RequestStream stream = wire.getProperty(codec.key());
      if (stream != null) {
        Turn.guarded(stream, stream::closed);
      }
    }
  }
}
