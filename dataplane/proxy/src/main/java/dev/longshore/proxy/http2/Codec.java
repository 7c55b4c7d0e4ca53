package dev.longshore.proxy.http2;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.multiplex.ControlFrames;
import dev.longshore.proxy.multiplex.DroppedFrames;
import dev.longshore.proxy.multiplex.ReceivedFields;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Ticker;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Frames, HPACK, the states of streams and windows: Netty's, with every bound that it has set to
 * one of ours, and with what happens told to an {@link Owner}. Fields are checked by who reads
 * them. Without objects for frames, and without a channel for each stream.
 */
final class Codec extends Http2ConnectionHandler {
  /** RFC 9113 §6.9.2. What a stream's peer may send that nobody has taken. */
  static final int WINDOW = 65_535;

  /** RFC 9113 §6.5.2; ours for heads that come, and the most for heads that go. */
  private static final int HEADER_TABLE_BYTES = 4096;

  /** What a field is reckoned with beside its bytes (RFC 7541 §4.1). */
  private static final int BYTES_PER_FIELD = 32;

  private final Owner owner;
  private final Http2Connection.PropertyKey key;
  private final HeaderBlocks blocks;
  private final int connectionWindow;
  private @Nullable ChannelHandlerContext context;
  private boolean reading;

  /** Whose connection it is: hears of all that happens but frames. On the event loop. */
  interface Owner {
    /** All that was there has been read; what is written now is flushed behind it. */
    void readComplete();

    /** What was written has been offered to the peer, as far as windows let it. */
    void flushed();

    /** The channel takes more, or takes no more for now. */
    void writabilityChanged();

    /** The connection has ended; all its streams have been told. */
    void gone();

    /** A frame broke the rules of its stream, which is reset behind this. */
    void streamBroken(int id, Http2Error error, String why);

    /** A header list is larger than it may be; the stream is to be answered, and ended. */
    void headersTooLarge(int id);

    /** The connection is ended for what came, by a GOAWAY that says so. */
    void connectionBroken(Http2Error error);
  }

  private Codec(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Owner owner,
      Http2Connection.PropertyKey key,
      HeaderBlocks blocks,
      int connectionWindow) {
    super(decoder, encoder, settings, true, true);
    this.owner = owner;
    this.key = key;
    this.blocks = blocks;
    this.connectionWindow = connectionWindow;
  }

  /**
   * A server's.
   *
   * @param streams that its client may have open
   * @param headBytes of all fields of a head
   * @param headFields of a head
   * @param frames hears of frames
   * @param control is charged for frames that nobody hears of
   * @param ticker by which it is told how often something comes
   */
  static Codec server(
      int streams,
      int headBytes,
      int headFields,
      Owner owner,
      Http2FrameListener frames,
      ControlFrames control,
      Ticker ticker) {
    Http2Settings settings =
        new Http2Settings()
            .headerTableSize(HEADER_TABLE_BYTES)
            .maxConcurrentStreams(streams)
            .initialWindowSize(WINDOW)
            .maxHeaderListSize(headBytes + (long) headFields * BYTES_PER_FIELD)
            .connectProtocolEnabled(true);
    long window = Math.min(HardLimits.HTTP2_CONNECTION_WINDOW, (long) streams * WINDOW);
    return new Builder(settings, owner, frames, control, (int) window, ticker).build();
  }

  /** Its place in a pipeline, which it has. */
  ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "in no pipeline");
  }

  /** By which its owner's object of a stream is kept with it; an {@link Outflow}. */
  Http2Connection.PropertyKey key() {
    return key;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
    // All streams' windows together: one that nobody reads then holds up no other.
    connection()
        .local()
        .flowController()
        .incrementWindowSize(connection().connectionStream(), connectionWindow - WINDOW);
  }

  /** Bytes that have come and are of no frame, or of no header list, that is whole. */
  int heldBytes() {
    return actualReadableBytes() + blocks.bytes();
  }

  /** Another number for each header list that has not come whole; 0: there is none. */
  int unfinishedHead() {
    return blocks.unfinished();
  }

  /** Whether the channel takes more. */
  boolean isWritable() {
    return context().channel().isWritable();
  }

  /** Whether what is written now is flushed anyway. */
  boolean isReading() {
    return reading;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    reading = true;
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    try {
      owner.readComplete();
    } finally {
      reading = false;
      super.channelReadComplete(ctx);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    super.flush(ctx);
    owner.flushed();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    super.channelWritabilityChanged(ctx);
    owner.writabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    owner.gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (getEmbedded(cause)) {
      super.exceptionCaught(ctx, cause);
    } else {
      // A reset: channelInactive says the rest.
      ctx.close();
    }
  }

  private static boolean getEmbedded(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof Http2Exception) {
        return true;
      }
    }
    return false;
  }

  /** A peer's larger table would be filled with our own answers, and kept as long as it likes. */
  void boundHeaderTable() throws Http2Exception {
    var encoding = encoder().configuration().headersConfiguration();
    if (encoding.maxHeaderTableSize() > HEADER_TABLE_BYTES) {
      encoding.maxHeaderTableSize(HEADER_TABLE_BYTES);
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
    if (outbound) {
      // What waited for a stream that has ended. A reset of ours would be counted as the peer's.
      return;
    }
    if (error instanceof Http2Exception.HeaderListSizeException tooLarge
        && tooLarge.duringDecode()) {
      owner.headersTooLarge(error.streamId());
      return;
    }
    owner.streamBroken(error.streamId(), error.error(), String.valueOf(error.getMessage()));
    encoder().writeRstStream(ctx, error.streamId(), error.error().code(), ctx.newPromise());
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception error) {
    owner.connectionBroken(error == null ? Http2Error.INTERNAL_ERROR : error.error());
    super.onConnectionError(ctx, outbound, cause, error);
  }

  private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Codec, Builder> {
    private final Owner owner;
    private final Http2Connection.PropertyKey key;
    private final HeaderBlocks blocks;
    private final int connectionWindow;

    Builder(
        Http2Settings settings,
        Owner owner,
        Http2FrameListener frames,
        ControlFrames control,
        int connectionWindow,
        Ticker ticker) {
      this.owner = owner;
      this.connectionWindow = connectionWindow;
      DefaultHttp2Connection connection = new DefaultHttp2Connection(true, 0);
      key = connection.newKey();
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(connection, new PendingBytes(connection, key)));
      initialSettings(settings);
      frameListener(frames);
      decoderEnforceMaxConsecutiveEmptyDataFrames(HardLimits.HTTP2_EMPTY_FRAMES);
      decoderEnforceMaxRstFramesPerWindow(HardLimits.HTTP2_RESETS, HardLimits.HTTP2_RESETS_SECONDS);
      // By hand, because the builder has a decoder of header lists of its own.
      blocks =
          new HeaderBlocks(
              new DefaultHttp2FrameReader(
                  ReceivedFields.decoder(settings.maxHeaderListSize()),
                  HardLimits.HTTP2_SMALL_CONTINUATIONS));
      ClosedStreams reader = new ClosedStreams(blocks, connection);
      Http2ConnectionEncoder encoder =
          new BoundedEncoder(
              new DefaultHttp2ConnectionEncoder(
                  connection,
                  // How long a list a peer would like is advice (RFC 9113 §6.5.2). Heeded, an
                  // answer
                  // with a longer one would be none at all.
                  new DefaultHttp2FrameWriter((name, value) -> isSecret(name), true)),
              reader::wasReset,
              ticker::nanoTime);
      codec(
          new DefaultHttp2ConnectionDecoder(
              connection,
              encoder,
              new DroppedFrames(reader, connection, control),
              Http2PromisedRequestVerifier.ALWAYS_VERIFY,
              true,
              true,
              false),
          encoder);
    }

    /** Never in the table, so that nobody can guess them by sizes (RFC 7541 §7.1.3). */
    private static boolean isSecret(CharSequence name) {
      return AsciiString.contentEqualsIgnoreCase(name, "set-cookie")
          || AsciiString.contentEqualsIgnoreCase(name, "cookie")
          || AsciiString.contentEqualsIgnoreCase(name, "authorization");
    }

    @Override
    protected Codec build() {
      return super.build();
    }

    @Override
    protected Codec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Codec(decoder, encoder, settings, owner, key, blocks, connectionWindow);
    }
  }
}
