package dev.longshore.proxy.dial.http2;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.http.NoConnectException;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.multiplex.ControlFrames;
import dev.longshore.proxy.tls.TlsStream;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
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
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/2 to an endpoint, and its streams. A request is sent only when the
 * endpoint has said by its SETTINGS how many it takes: so nothing is lost to one that speaks
 * something else, which is a failure to connect. Longer than most, for what a frame means depends
 * on how far the connection is, and these are read together. On its event loop.
 */
final class EndpointConnection implements ClientCodec.Owner, ConnectStream.Frames {
  /** Who has it, and gives it streams. On the event loop. */
  interface Owner {
    DeadlineSweep deadlines();

    SharedMeters meters();

    /** It takes no more requests. */
    void gone(EndpointConnection connection);

    /** There is no request on it, and it may rest for so long; zero: for ever. */
    void rests(EndpointConnection connection, Duration most);

    /** There is one again. */
    void busy(EndpointConnection connection);

    /** Finds room for a request for which there turned out to be none here. */
    void place(EndpointStream stream, EndpointState endpoint, @Nullable TlsTarget tls);

    /** Something of ours, or a want of memory, ended a request. */
    void fault(Throwable cause);
  }

  private enum Phase {
    /** Being dialled, secured, or waiting for the endpoint's SETTINGS. */
    CONNECTING,
    OPEN,
    /** It takes no more requests, and those that it has go on. */
    LEAVING,
    GONE
  }

  private final Owner owner;
  private final Channel channel;
  private final EndpointState endpoint;
  private final @Nullable TlsTarget tls;
  private final long since;
  private final ClientCodec codec;
  private final ControlFrames controlFrames;
  private final Heartbeat heartbeat;
  private final IntObjectMap<EndpointStream> streams = new IntObjectHashMap<>();
  private final List<EndpointStream> waiting = new ArrayList<>();
  private final List<EndpointStream> touched = new ArrayList<>();
  private Phase phase = Phase.CONNECTING;
  private boolean reading;
  private boolean served;
  private boolean connects;
  private int reserved;
  private int lastBegun = Integer.MAX_VALUE;
  private int refusedAt = Integer.MAX_VALUE;
  private @Nullable Keepalive kept;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Throwable broken;

  EndpointConnection(
      Owner owner, Channel channel, EndpointState endpoint, @Nullable TlsTarget tls) {
    this.owner = owner;
    this.channel = channel;
    this.endpoint = endpoint;
    this.tls = tls;
    this.since = owner.deadlines().ticker().nanoTime();
    this.controlFrames =
        new ControlFrames(
            owner.deadlines().ticker()::nanoTime,
            HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES,
            HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES_PER_SECOND);
    this.codec = ClientCodec.of(this, controlFrames);
    this.heartbeat = new Heartbeat(this, owner.deadlines());
  }

  EndpointState endpoint() {
    return endpoint;
  }

  /** What it is secured with; null: it is in the clear. */
  @Nullable TlsTarget tls() {
    return tls;
  }

  // ---- how it comes to be

  /** Adds what it needs before it is connected. */
  void install() {
    // Frames go both ways to the end: who ends its stream has ended both.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    if (tls != null) {
      channel.pipeline().addLast("tls", tls.http2Handler(channel.alloc(), endpoint.port()));
    }
  }

  /** Hears of the end of the connection attempt. */
  void dialled(ChannelFuture connect) {
    if (!connect.isSuccess()) {
      failAll(LocalFailureException.tell(connect.cause()));
      return;
    }
    SslHandler handshake = TlsStream.of(channel);
    if (handshake == null) {
      begin();
    } else {
      handshake.handshakeFuture().addListener(this::secured);
    }
  }

  private void secured(Future<?> handshake) {
    Throwable fault = handshake.isSuccess() ? disagreement() : handshake.cause();
    if (phase == Phase.GONE || fault == null) {
      begin();
      return;
    }
    List<EndpointStream> told = leave();
    channel.close();
    for (EndpointStream stream : told) {
      guarded(stream, () -> stream.tlsFailed(fault));
    }
  }

  private @Nullable Throwable disagreement() {
    SslHandler handler = Objects.requireNonNull(TlsStream.of(channel), "not secured");
    return ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())
        ? null
        : new SSLHandshakeException("the endpoint does not agree on h2 by ALPN");
  }

  private void begin() {
    if (phase == Phase.GONE || !channel.isActive()) {
      channel.close();
      return;
    }
    channel.pipeline().addLast("http2", codec);
    context = channel.pipeline().context(codec);
    codec.connection().addListener(new Ends());
    owner.meters().opened();
    channel.closeFuture().addListener(closed -> owner.meters().closed());
    codec.flush(context());
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not in a pipeline");
  }

  /** No stream of it will be; whoever waits is the caller's to tell. */
  private List<EndpointStream> leave() {
    phase = Phase.GONE;
    owner.gone(this);
    List<EndpointStream> told = List.copyOf(waiting);
    waiting.clear();
    return told;
  }

  private void failAll(Throwable cause) {
    for (EndpointStream stream : leave()) {
      guarded(stream, () -> stream.connectFailed(cause));
    }
  }

  // ---- room

  /** How many requests it carries at a time. */
  private long most() {
    int agreed = Math.min(refusedAt, HardLimits.UPSTREAM_HTTP2_STREAMS);
    return phase == Phase.CONNECTING
        ? agreed
        : Math.min(agreed, codec.connection().local().maxActiveStreams());
  }

  /**
   * Whether it takes one request more.
   *
   * @param joinable since when it has to be dialled if it isn't connected: one that hangs is not to
   *     keep everybody
   */
  boolean hasRoom(long joinable) {
    return switch (phase) {
      case CONNECTING -> since - joinable >= 0 && waiting.size() < most();
      case OPEN ->
          reserved < most() && codec.connection().local().canOpenStream() && channel.isActive();
      case LEAVING, GONE -> false;
    };
  }

  /** Whether its endpoint has said that it takes no WebSockets on streams (RFC 8441). */
  boolean lacksConnect() {
    return phase != Phase.CONNECTING && !connects;
  }

  /** Takes one for which there is room. */
  void take(EndpointStream stream) {
    if (phase == Phase.CONNECTING) {
      stream.waitOn(this);
      waiting.add(stream);
    } else {
      reserve();
      stream.open(this);
    }
  }

  private void reserve() {
    if (reserved == 0) {
      owner.busy(this);
      heartbeat.begin();
    }
    reserved++;
  }

  /** One leaves that has no number yet. */
  void left(EndpointStream stream) {
    if (waiting.remove(stream)) {
      if (waiting.isEmpty() && phase == Phase.CONNECTING) {
        leave();
        channel.close();
      }
    } else if (stream.isReady()) {
      released();
    }
  }

  /** Closes what has not become a connection, registered or not. */
  void discard() {
    channel.unsafe().closeForcibly();
  }

  /** The first SETTINGS: those who wait can go, as many as it takes. */
  private void opened() {
    phase = Phase.OPEN;
    List<EndpointStream> all = List.copyOf(waiting);
    waiting.clear();
    long room = most();
    for (EndpointStream stream : all) {
      if (stream.isAbandoned()) {
        continue;
      }
      if (stream.isHandshake() && !connects) {
        stream.connectFailed(new NoConnectException());
      } else if (reserved < room && phase == Phase.OPEN) {
        reserve();
        guarded(stream, stream::connected);
      } else if (room == 0) {
        stream.connectFailed(new IOException("the endpoint's SETTINGS allow no streams"));
      } else {
        owner.place(stream, endpoint, tls);
      }
    }
    if (reserved == 0) {
      rest();
    }
  }

  private void released() {
    reserved--;
    if (reserved == 0) {
      heartbeat.end();
      rest();
    }
  }

  private void rest() {
    switch (phase) {
      case OPEN -> {
        Keepalive told = kept;
        if (told != null && told.idleConnections() == 0) {
          close();
        } else {
          owner.rests(this, told == null ? Keepalive.DEFAULT.idleTimeout() : told.idleTimeout());
        }
      }
      case LEAVING -> close();
      case CONNECTING, GONE -> {}
    }
  }

  // ---- for its streams

  /** Runs something later. */
  @Override
  public void execute(Runnable task) {
    channel.eventLoop().execute(task);
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public ByteBufAllocator allocator() {
    return channel.alloc();
  }

  boolean isSecure() {
    return tls != null;
  }

  /** Whether it has ended. */
  boolean isGone() {
    return phase == Phase.GONE;
  }

  /** Whether a request was answered on it. */
  boolean hasServed() {
    return served;
  }

  /** Whether the endpoint has said by a GOAWAY that it has not begun a request. */
  boolean hasNotBegun(int id) {
    return id > lastBegun;
  }

  /** Gives a stream its number. */
  int begin(EndpointStream stream, Keepalive keepalive) {
    kept = keepalive;
    int id = codec.connection().local().incrementAndGetNextStreamId();
    streams.put(id, stream);
    controlFrames.useful();
    heartbeat.wrote();
    return id;
  }

  ChannelFuture writeHead(int id, Http2Headers list, boolean last) {
    ChannelHandlerContext ctx = context();
    return codec.encoder().writeHeaders(ctx, id, list, 0, last, ctx.newPromise());
  }

  @Override
  public ChannelFuture writeData(int id, ByteBuf bytes, boolean last) {
    ChannelHandlerContext ctx = context();
    controlFrames.useful();
    heartbeat.wrote();
    return codec.encoder().writeData(ctx, id, bytes, 0, last, ctx.newPromise());
  }

  @Override
  public void reset(int id, Http2Error error) {
    ChannelHandlerContext ctx = context();
    var _ = codec.resetStream(ctx, id, error.code(), ctx.newPromise());
    flush();
  }

  /** So many bytes of a stream were taken: as many more may be sent. */
  @Override
  public void consumed(int id, int bytes) {
    Http2Stream stream = codec.connection().stream(id);
    if (stream == null) {
      return;
    }
    try {
      codec.connection().local().flowController().consumeBytes(stream, bytes);
      flush();
    } catch (Http2Exception e) {
      codec.onError(context(), true, e);
    }
  }

  /** Sends what was written, at the latest when the read is over. */
  @Override
  public void flush() {
    if (!reading) {
      codec.flush(context());
    }
  }

  void malformed() {
    owner.meters().malformed();
  }

  void unsent() {
    owner.meters().unsent();
  }

  // ---- for the heartbeat

  void ping() {
    ChannelHandlerContext ctx = context();
    var _ = codec.encoder().writePing(ctx, false, since, ctx.newPromise());
    codec.flush(ctx);
  }

  /** Nothing has come for so long that nobody is there. */
  void dead() {
    owner.meters().dead();
    TlsStream.cut(channel);
  }

  // ---- how it ends

  /** Takes no more requests; ends when those that it has do. */
  void drain() {
    if (phase == Phase.OPEN) {
      phase = Phase.LEAVING;
      owner.gone(this);
      if (reserved == 0) {
        close();
      }
    }
  }

  /** Ends politely; nothing is on it. */
  void close() {
    if (phase != Phase.GONE) {
      phase = Phase.GONE;
      owner.gone(this);
      ChannelHandlerContext ctx = context();
      var _ =
          codec.goAway(ctx, 0, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
      codec.flush(ctx);
      channel.close();
    }
  }

  /** A fault of ours, or a want of memory, ends the stream that it is of. */
  private void guarded(EndpointStream stream, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      faulted(stream, e);
    }
  }

  private void faulted(EndpointStream stream, Throwable fault) {
    owner.fault(fault);
    try {
      stream.faulted();
    } catch (RuntimeException | OutOfMemoryError e) {
      owner.fault(e);
    }
  }

  /** Hears when a stream's frames come and go no more, however that came about. */
  private final class Ends extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream wire) {
      EndpointStream stream = streams.remove(wire.id());
      if (stream != null) {
        guarded(stream, stream::offWire);
        released();
      }
    }
  }

  // ---- from the codec

  private void heard() {
    reading = true;
    heartbeat.heard();
  }

  @Override
  public void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      EndpointStream stream = touched.get(i);
      guarded(stream, stream::readComplete);
    }
    touched.clear();
    // The codec flushes behind this.
    reading = false;
  }

  /** Something has come for a stream: it hears when the read is over. */
  private void touch(EndpointStream stream) {
    // Twice is harmless.
    if (touched.isEmpty() || touched.getLast() != stream) {
      touched.add(stream);
    }
  }

  @Override
  public void ending() {
    reading = false;
    Throwable why = broken;
    heartbeat.end();
    if (phase != Phase.GONE) {
      List<EndpointStream> told = leave();
      Throwable cause =
          why != null
              ? new ProtocolException("no HTTP/2 is spoken there: " + why.getMessage())
              : new IOException("the endpoint closed the connection before its SETTINGS");
      for (EndpointStream stream : told) {
        guarded(stream, () -> stream.connectFailed(cause));
      }
    }
    touched.clear();
  }

  @Override
  public void streamBroken(int id, Throwable why) {
    EndpointStream stream = streams.get(id);
    if (stream != null) {
      owner.meters().malformed();
      guarded(stream, () -> stream.broken(why));
    }
  }

  @Override
  public void unwritable(int id, Throwable why) {
    EndpointStream stream = streams.get(id);
    if (stream != null) {
      guarded(stream, stream::unwritable);
      if (codec.connection().stream(id) == null) {
        streams.remove(id);
        released();
      }
    }
  }

  @Override
  public void connectionBroken(Http2Error error, Throwable why) {
    owner.meters().broken(error);
    broken = why;
    if (phase == Phase.OPEN) {
      phase = Phase.LEAVING;
      owner.gone(this);
    }
    // All that it carried was in one stream of frames, which can't be trusted any more.
    for (EndpointStream stream : List.copyOf(streams.values())) {
      guarded(stream, () -> stream.broken(why));
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
    heard();
    heartbeat.answered();
    if (data.isReadable() || last) {
      controlFrames.useful();
    }
    EndpointStream stream = streams.get(id);
    if (stream == null) {
      return data.readableBytes() + padding;
    }
    touch(stream);
    served |= last;
    try {
      return stream.arrived(data, last) + padding;
    } catch (RuntimeException | OutOfMemoryError e) {
      faulted(stream, e);
      return data.readableBytes() + padding;
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers list, int padding, boolean last)
      throws Http2Exception {
    if ((id & 1) == 0) {
      // RFC 9113 §5.1.1: streams of a server begin with a PUSH_PROMISE, and there is none.
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "a stream that the endpoint has begun");
    }
    heard();
    heartbeat.answered();
    controlFrames.useful();
    served |= last;
    EndpointStream stream = streams.get(id);
    if (stream != null) {
      touch(stream);
      guarded(stream, () -> stream.headers(list, last));
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers list,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last)
      throws Http2Exception {
    onHeadersRead(ctx, id, list, padding, last);
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    charge();
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code) {
    heard();
    EndpointStream stream = streams.get(id);
    if (stream != null && code == Http2Error.REFUSED_STREAM.code()) {
      stream.refused();
      // It takes fewer than it says, for now.
      refusedAt = Math.max(1, reserved - 1);
    }
  }

  private void charge() throws Http2Exception {
    heard();
    controlFrames.charge();
    if (Holder.waitingFor(channel) > HardLimits.UPSTREAM_HTTP2_UNTAKEN_BYTES) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "it takes nothing of what it makes us say");
    }
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
    charge();
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    charge();
    codec.boundHeaderTable();
    connects |= Boolean.TRUE.equals(settings.connectProtocolEnabled());
    if (phase == Phase.CONNECTING) {
      opened();
    }
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    charge();
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    charge();
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext ctx, int id, int promised, Http2Headers list, int padding)
      throws Http2Exception {
    throw Http2Exception.connectionError(
        Http2Error.PROTOCOL_ERROR, "a PUSH_PROMISE, which SETTINGS did not allow");
  }

  /** Requests behind the last one that it has begun can be sent elsewhere, and are. */
  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int last, long code, ByteBuf debug)
      throws Http2Exception {
    charge();
    lastBegun = Math.min(lastBegun, last);
    switch (phase) {
      case CONNECTING -> {
        broken = new IOException("it goes away at once");
        channel.close();
      }
      case OPEN -> drain();
      case LEAVING, GONE -> {}
    }
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
      throws Http2Exception {
    charge();
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    charge();
  }
}
