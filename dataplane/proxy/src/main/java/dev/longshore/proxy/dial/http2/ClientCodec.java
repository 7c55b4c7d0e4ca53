package dev.longshore.proxy.dial.http2;

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
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.AsciiString;

/**
 * Frames, HPACK, the states of streams and windows of a connection to an endpoint: Netty's, with
 * every bound that it has set to one of ours, and with what happens told to an {@link Owner}.
 * Without objects for frames, and without a channel for each stream.
 */
final class ClientCodec extends Http2ConnectionHandler {
  /** RFC 9113 §6.9.2. What an endpoint may send on a stream that nobody has taken. */
  static final int WINDOW = 65_535;

  /** RFC 9113 §6.5.2; ours for heads that come, and the most for heads that go. */
  private static final int HEADER_TABLE_BYTES = 4096;

  /** What a field is reckoned with beside its bytes (RFC 7541 §4.1). */
  private static final int BYTES_PER_FIELD = 32;

  /** Of an answer's head, as of one that comes by HTTP/1.1. */
  private static final int HEADER_BYTES = 64 * 1024;

  private final Owner owner;

  /** Whose connection it is: hears frames, and of all else that happens. On the event loop. */
  interface Owner extends Http2FrameListener {
    /** All that was there has been read. */
    void readComplete();

    /** The connection ends, and its streams with it, of which each is told behind this. */
    void ending();

    /** A frame broke the rules of its stream, which is reset. */
    void streamBroken(int id, Throwable why);

    /** What was to be written on a stream can't be. */
    void unwritable(int id, Throwable why);

    /** The connection is ended for what came. */
    void connectionBroken(Http2Error error, Throwable why);
  }

  private ClientCodec(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Owner owner) {
    super(decoder, encoder, settings, true, true);
    this.owner = owner;
  }

  /** One that tells an owner, and charges {@code control} for frames that nobody hears of. */
  static ClientCodec of(Owner owner, ControlFrames control) {
    return new Builder(owner, control).build();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    super.handlerAdded(ctx);
    // All streams' windows together: one that nobody reads then holds up no other.
    connection()
        .local()
        .flowController()
        .incrementWindowSize(
            connection().connectionStream(), WINDOW * (HardLimits.UPSTREAM_HTTP2_STREAMS - 1));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    try {
      owner.readComplete();
    } finally {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    owner.ending();
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof Http2Exception) {
        super.exceptionCaught(ctx, cause);
        return;
      }
    }
    // A reset, or a want of memory: channelInactive says the rest.
    ctx.close();
  }

  /**
   * An endpoint's larger table would be filled with heads of ours, and kept as long as it likes.
   */
  void boundHeaderTable() throws Http2Exception {
    var encoding = encoder().configuration().headersConfiguration();
    if (encoding.maxHeaderTableSize() > HEADER_TABLE_BYTES) {
      encoding.maxHeaderTableSize(HEADER_TABLE_BYTES);
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
    if (!outbound) {
      owner.streamBroken(error.streamId(), error);
      super.onStreamError(ctx, false, cause, error);
      return;
    }
    owner.unwritable(error.streamId(), error);
    Http2Stream stream = connection().stream(error.streamId());
    // Without a head the endpoint has never heard of it.
    if (stream != null && !stream.isHeadersSent()) {
      stream.close();
    } else if (stream != null) {
      super.onStreamError(ctx, true, cause, error);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception error) {
    owner.connectionBroken(error == null ? Http2Error.INTERNAL_ERROR : error.error(), cause);
    super.onConnectionError(ctx, outbound, cause, error);
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<ClientCodec, Builder> {
    private final Owner owner;

    Builder(Owner owner, ControlFrames control) {
      this.owner = owner;
      DefaultHttp2Connection connection = new DefaultHttp2Connection(false, 0);
      // Evenly: RFC 9113 §5.3 has no priorities any more.
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(
                  connection, new UniformStreamByteDistributor(connection)));
      long headBytes = HEADER_BYTES + (long) HardLimits.ANSWER_FIELDS * BYTES_PER_FIELD;
      initialSettings(
          new Http2Settings()
              .pushEnabled(false)
              .headerTableSize(HEADER_TABLE_BYTES)
              .initialWindowSize(WINDOW)
              .maxHeaderListSize(headBytes));
      frameListener(owner);
      decoderEnforceMaxConsecutiveEmptyDataFrames(HardLimits.UPSTREAM_HTTP2_EMPTY_FRAMES);
      // By hand, because the builder has a decoder of header lists of its own. Fields are checked
      // by ourselves, stricter, and so that the exchange is known.
      Http2ConnectionEncoder encoder =
          new DefaultHttp2ConnectionEncoder(
              connection, new DefaultHttp2FrameWriter((name, value) -> isSecret(name)));
      codec(
          new DefaultHttp2ConnectionDecoder(
              connection,
              encoder,
              new DroppedFrames(
                  new DefaultHttp2FrameReader(
                      ReceivedFields.decoder(headBytes),
                      HardLimits.UPSTREAM_HTTP2_SMALL_CONTINUATIONS),
                  connection,
                  control),
              Http2PromisedRequestVerifier.ALWAYS_VERIFY,
              true,
              true,
              false),
          encoder);
      // What is to end a connection ends it at once: its streams are over anyway.
      gracefulShutdownTimeoutMillis(0);
    }

    /** Never in the table, so that nobody can guess them by sizes (RFC 7541 §7.1.3). */
    private static boolean isSecret(CharSequence name) {
      return AsciiString.contentEqualsIgnoreCase(name, "cookie")
          || AsciiString.contentEqualsIgnoreCase(name, "authorization");
    }

    @Override
    protected ClientCodec build() {
      return super.build();
    }

    @Override
    protected ClientCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new ClientCodec(decoder, encoder, settings, owner);
    }
  }
}
