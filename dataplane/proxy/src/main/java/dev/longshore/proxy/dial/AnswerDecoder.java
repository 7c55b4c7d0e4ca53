package dev.longshore.proxy.dial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.List;

/**
 * Decodes the answers of one upstream connection, which carries one request at a time: it has to be
 * told when that is a HEAD, whose answer has no body whatever its headers say (RFC 9112 §6.3).
 */
final class AnswerDecoder extends HttpResponseDecoder {
  private static final int LINE_BYTES = 8 * 1024;
  private static final int HEADER_BYTES = 64 * 1024;
  private static final int CHUNK_BYTES = 64 * 1024;

  private static final HttpDecoderConfig CONFIG =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(LINE_BYTES)
          .setMaxHeaderSize(HEADER_BYTES)
          .setMaxChunkSize(CHUNK_BYTES)
          .setStrictLineParsing(true)
          .setUseRfc9112TransferEncoding(true)
          .setHeadersFactory(DefaultHttpHeadersFactory.headersFactory())
          .setTrailersFactory(DefaultHttpHeadersFactory.trailersFactory());

  private final boolean tls;
  private boolean closeNotified;
  private boolean head;

  /** Decodes answers that come over TLS, or in the clear. */
  AnswerDecoder(boolean tls) {
    super(CONFIG.clone());
    this.tls = tls;
  }

  /** Says whether the next final answer is to a HEAD. */
  void expectAnswerTo(boolean head) {
    this.head = head;
  }

  /** Whether bytes have arrived that no answer accounts for. */
  boolean hasLeftovers() {
    return actualReadableBytes() > 0;
  }

  /** Bytes that wait to be decoded. */
  int heldBytes() {
    return actualReadableBytes();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    closeNotified |= event instanceof SslCloseCompletionEvent close && close.isSuccess();
    super.userEventTriggered(ctx, event);
  }

  /**
   * An answer that ends with the connection is complete, over TLS, only behind a close_notify: a
   * FIN could be anybody's (RFC 9112 §9.8).
   */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (!tls || closeNotified) {
      super.decodeLast(ctx, in, out);
    }
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return super.isContentAlwaysEmpty(message) || head;
  }
}
