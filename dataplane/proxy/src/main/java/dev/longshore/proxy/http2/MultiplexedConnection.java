package dev.longshore.proxy.http2;

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
import dev.longshore.proxy.http1.LingeringClose;
import dev.longshore.proxy.limit.ClientSlot;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client connection that speaks HTTP/2: its streams, and what is of all of them together: how
 * long it may rest, what it may cost, and how it ends. Longer than most, for a frame, a deadline
 * and a drain mean something else in each of its phases, and they are read together.
 */
public final class MultiplexedConnection implements ServedConnection, Codec.Owner {
  /** How long a connection may be without a stream. */
  private static final Duration IDLE = Duration.ofSeconds(75);

  /**
   * Between the two GOAWAYs of a polite end, if the client doesn't answer the PING between them.
   */
  private static final Duration ROUND_TRIP = Duration.ofSeconds(1);

  private static final LocalAnswer NO_ROOM =
      LocalAnswer.unavailable("there are as many connections and streams as there may be");

  private static final long GOING_AWAY_PING = 0x4c6f6e6773686f72L;

  /** Of a list, what a field takes of the heap beside its characters. */
  private static final int FIELD_BYTES = 160;

  private enum Phase {
    OPEN,
    /** Streams that were on their way when it was told to leave may still come. */
    GOING_AWAY,
    /** No more come; those that are open go on. */
    LEAVING,
    /** Nothing that comes matters any more. */
    CLOSING,
    GONE
  }

  private final Channel channel;
  private final LoopContext loopContext;
  private final ClientPeer peer;
  private final Codec codec;
  private final WriteStall stall;
  private final ControlFrames control;
  private final Timer timer = new Timer();
  private final DrainTimer drainTimer = new DrainTimer();
  private final List<RequestStream> touched = new ArrayList<>();
  private final List<RequestStream> toFlush = new ArrayList<>();
  private final List<RequestStream> blocked = new ArrayList<>();
  private Phase phase = Phase.OPEN;
  private boolean servedOne;
  private int open;
  private int placed;
  private long heapHeld;
  private @Nullable ChannelHandlerContext context;
  private @Nullable LingeringClose closing;

  private MultiplexedConnection(
      Channel channel, LoopContext loopContext, ClientPeer peer, Bounds bounds, int streams) {
    this.channel = channel;
    this.loopContext = loopContext;
    this.peer = peer;
    Ticker ticker = loopContext.deadlines().ticker();
    this.control = new ControlFrames(ticker::nanoTime);
    this.codec =
        Codec.server(
            streams,
            bounds.requestLineBytes() + bounds.headerBytes(),
            bounds.headerCount(),
            this,
            ticker);
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
    context = channel.pipeline().context(codec);
    timer.arm(loopContext.state().settings().bounds().requestTimeout());
    if (loopContext.draining(peer)) {
      // It came just before, and what it has asked already is still answered.
      goAway();
    }
    flushNow();
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  // ---- for its event loop

  /**
   * Tells the client to go within the first half of the window: all of them at once would return.
   */
  @Override
  public void drain() {
    if (phase != Phase.OPEN) {
      return;
    }
    long window = loopContext.settings().processDrain().window().toNanos();
    if (open == 0 || window < 2) {
      goAway();
    } else {
      drainTimer.arm(Duration.ofNanos(1 + ThreadLocalRandom.current().nextLong(window / 2)));
    }
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
    long[] sum = {Holder.waitingFor(channel)};
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

  DeadlineSweep deadlines() {
    return loopContext.deadlines();
  }

  RequestRecorder recorder() {
    return loopContext.recorder();
  }

  @Nullable String strictTransportSecurity() {
    return loopContext.strictTransportSecurity(peer);
  }

  WriteStall watch(Duration bound, LongSupplier waiting, Runnable stalled) {
    return new WriteStall(deadlines(), bound, waiting, stalled);
  }

  void holdHeap(long change) {
    heapHeld += change;
    loopContext.heads().add(change);
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /** Something has come for a stream: it hears when the read is over. */
  void touched(RequestStream stream) {
    // Twice is harmless: the second time there is nothing.
    if (touched.isEmpty() || touched.getLast() != stream) {
      touched.add(stream);
    }
  }

  /** A stream is full: it hears when there is room. */
  void blocked(RequestStream stream) {
    blocked.add(stream);
  }

  /** A stream has so much less to send. */
  void moved(long bytes, long left) {
    // A client that has its answer in crumbs gets no say for each of them.
    if (bytes > 0 && (left == 0 || bytes >= LEAST_USEFUL)) {
      control.useful();
    }
  }

  private static final int LEAST_USEFUL = 256;

  /** A stream's data was taken. */
  void consumed(Http2Stream wire, int bytes) {
    try {
      codec.connection().local().flowController().consumeBytes(wire, bytes);
    } catch (Http2Exception e) {
      codec.onError(context(), true, e);
    }
  }

  ChannelFuture writeHead(int id, Http2Headers head, boolean last) {
    ChannelHandlerContext ctx = context();
    return codec.encoder().writeHeaders(ctx, id, head, 0, last, ctx.newPromise());
  }

  ChannelFuture writeData(int id, ByteBuf bytes, boolean last) {
    ChannelHandlerContext ctx = context();
    return codec.encoder().writeData(ctx, id, bytes, 0, last, ctx.newPromise());
  }

  void reset(int id, Http2Error error) {
    ChannelHandlerContext ctx = context();
    var _ = codec.encoder().writeRstStream(ctx, id, error.code(), ctx.newPromise());
    flush();
  }

  /** Sends what a stream has written, at the latest when the read is over. */
  void flush(RequestStream stream) {
    if (codec.isReading()) {
      if (toFlush.isEmpty() || toFlush.getLast() != stream) {
        toFlush.add(stream);
      }
    } else {
      flushNow();
      stream.offered();
    }
  }

  /** Sends what was written, at the latest when the read is over. */
  void flush() {
    if (!codec.isReading()) {
      flushNow();
    }
  }

  /** Sends what was written. */
  void flushNow() {
    codec.flush(context());
  }

  /** A stream has ended. */
  void left(RequestStream stream) {
    open--;
    blocked.remove(stream);
    if (stream.isPlaced() && --placed > 0) {
      ClientSlot.of(channel).giveStream();
    }
    if (open == 0) {
      rest();
    }
  }

  private void rest() {
    switch (phase) {
      case OPEN -> {
        ClientSlot.of(channel).waiting();
        timer.arm(IDLE);
      }
      case GOING_AWAY -> ClientSlot.of(channel).waiting();
      case CLOSING, GONE -> {}
      // Not from within the write that was the last.
      case LEAVING -> channel.eventLoop().execute(this::close);
    }
  }

  // ---- how it ends

  /** The first of two GOAWAYs (RFC 9113 §6.8): what is on its way is still served. */
  private void goAway() {
    phase = Phase.GOING_AWAY;
    ChannelHandlerContext ctx = context();
    var _ =
        codec.goAway(
            ctx,
            Integer.MAX_VALUE,
            Http2Error.NO_ERROR.code(),
            Unpooled.EMPTY_BUFFER,
            ctx.newPromise());
    var _ = codec.encoder().writePing(ctx, false, GOING_AWAY_PING, ctx.newPromise());
    flush();
    drainTimer.arm(ROUND_TRIP);
  }

  /** The second: there will be no streams but those that there are. */
  private void leave() {
    phase = Phase.LEAVING;
    drainTimer.disarm();
    ChannelHandlerContext ctx = context();
    var _ =
        codec.goAway(
            ctx,
            codec.connection().remote().lastStreamCreated(),
            Http2Error.NO_ERROR.code(),
            Unpooled.EMPTY_BUFFER,
            ctx.newPromise());
    flush();
    if (open == 0) {
      rest();
    }
  }

  /** Closes behind what was written, and without losing it. */
  private void close() {
    if (phase == Phase.CLOSING || phase == Phase.GONE) {
      return;
    }
    phase = Phase.CLOSING;
    timer.disarm();
    drainTimer.disarm();
    LingeringClose end = new LingeringClose(loopContext.deadlines(), channel, false);
    closing = end;
    end.begin();
  }

  private void stalled() {
    recorder().stalled();
    TlsStream.cut(channel);
  }

  // ---- from the codec

  @Override
  public void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      RequestStream stream = touched.get(i);
      guarded(stream, stream::readComplete);
    }
    touched.clear();
  }

  @Override
  public void flushed() {
    stall.flushed();
    if (!toFlush.isEmpty()) {
      List<RequestStream> offered = List.copyOf(toFlush);
      toFlush.clear();
      offered.forEach(RequestStream::offered);
    }
    makeRoom();
  }

  @Override
  public void writabilityChanged() {
    makeRoom();
  }

  private boolean makingRoom;

  private void makeRoom() {
    if (makingRoom || blocked.isEmpty()) {
      return;
    }
    makingRoom = true;
    try {
      List<RequestStream> freed = new ArrayList<>();
      blocked.removeIf(stream -> stream.unblock() && freed.add(stream));
      for (RequestStream stream : freed) {
        guarded(stream, stream::tellWritability);
      }
    } finally {
      makingRoom = false;
    }
  }

  /** A fault of ours, or a want of memory, ends the stream that it is of. */
  private void guarded(RequestStream stream, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      stream.failed(e);
    }
  }

  @Override
  public void gone() {
    phase = Phase.GONE;
    timer.disarm();
    drainTimer.disarm();
    stall.stop();
    if (closing != null) {
      closing.stop();
    }
    loopContext.left(this);
  }

  @Override
  public void streamBroken(int id, Http2Error error, String why) {
    recorder().http2Broken(false, error.name());
    RequestStream stream = streamOf(id);
    if (stream != null) {
      stream.broken(why);
    }
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
      recorder()
          .unreadable(
              Protocol.HTTP_2,
              peer.text(),
              request,
              HttpAnswers.HEADERS_TOO_LARGE,
              PartialHead.NONE);
      opened(wire).refuseUnread(HttpAnswers.HEADERS_TOO_LARGE, null, request, false);
    } else {
      streamBroken(id, Http2Error.PROTOCOL_ERROR, "the trailers are larger than allowed");
      reset(id, Http2Error.PROTOCOL_ERROR);
    }
  }

  @Override
  public void connectionBroken(Http2Error error) {
    if (phase == Phase.GONE || phase == Phase.CLOSING) {
      return;
    }
    phase = Phase.CLOSING;
    drainTimer.disarm();
    recorder().http2Broken(true, error.name());
    // The codec closes behind its GOAWAY, which who reads nothing would put off for ever.
    timer.arm(ROUND_TRIP);
  }

  private @Nullable RequestStream streamOf(int id) {
    Http2Stream wire = codec.connection().stream(id);
    return wire == null ? null : wire.getProperty(codec.key());
  }

  private RequestStream opened(Http2Stream wire) {
    RequestStream stream = new RequestStream(this, wire);
    wire.setProperty(codec.key(), stream);
    if (open++ == 0 && (phase == Phase.OPEN || phase == Phase.GOING_AWAY)) {
      timer.disarm();
      ClientSlot.of(channel).busy();
    }
    servedOne = true;
    return stream;
  }

  // ---- frames

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last)
      throws Http2Exception {
    onHeadersRead(ctx, id, headers, padding, last);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean last)
      throws Http2Exception {
    control.useful();
    Http2Stream wire = codec.connection().stream(id);
    RequestStream stream = wire.getProperty(codec.key());
    if (stream == null) {
      RequestStream opened = opened(wire);
      guarded(opened, () -> begin(opened, headers, last));
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
    guarded(stream, () -> stream.ended(trailers));
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
  public int onDataRead(
      ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
    RequestStream stream = streamOf(id);
    if (stream == null) {
      return data.readableBytes() + padding;
    }
    if (data.isReadable()) {
      control.useful();
    }
    guarded(stream, () -> stream.arrived(data, last));
    return padding;
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    control.charge();
    codec.boundHeaderTable();
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    control.charge();
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    if (data == GOING_AWAY_PING && phase == Phase.GOING_AWAY) {
      leave();
    } else {
      control.charge();
    }
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
    control.charge();
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) {
    // Its end is heard of next.
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int lastId, long error, ByteBuf debug)
      throws Http2Exception {
    // It opens no more streams; those that it has go on.
    control.charge();
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext ctx, int id, int promised, Http2Headers headers, int padding) {
    // The codec lets no client send one.
  }

  /** Hears of streams that have ended. */
  private final class Ends extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream wire) {
      RequestStream stream = wire.getProperty(codec.key());
      if (stream != null) {
        guarded(stream, stream::closed);
      }
    }
  }

  private void expired() {
    if (phase == Phase.OPEN && open == 0) {
      if (servedOne) {
        goAway();
      } else {
        leave();
      }
    } else {
      TlsStream.cut(channel);
    }
  }

  /** For its first request, the next one, or the end. */
  private final class Timer extends Deadline {
    void arm(Duration after) {
      loopContext.deadlines().arm(this, after);
    }

    void disarm() {
      loopContext.deadlines().disarm(this);
    }

    @Override
    protected void expired() {
      MultiplexedConnection.this.expired();
    }

    @Override
    protected void failed() {
      channel.close();
    }
  }

  /** For the steps of a polite end. */
  private final class DrainTimer extends Deadline {
    void arm(Duration after) {
      loopContext.deadlines().arm(this, after);
    }

    void disarm() {
      loopContext.deadlines().disarm(this);
    }

    @Override
    protected void expired() {
      if (phase == Phase.OPEN) {
        goAway();
      } else if (phase == Phase.GOING_AWAY) {
        leave();
      }
    }

    @Override
    protected void failed() {
      channel.close();
    }
  }
}
