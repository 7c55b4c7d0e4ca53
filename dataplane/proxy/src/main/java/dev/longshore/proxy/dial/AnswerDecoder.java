package dev.longshore.proxy.dial;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

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

  private boolean head;

  AnswerDecoder() {
    super(CONFIG.clone());
  }

  /** Says whether the next final answer is to a HEAD. */
  void expectAnswerTo(boolean head) {
    this.head = head;
  }

  /** Whether bytes have arrived that no answer accounts for. */
  boolean hasLeftovers() {
    return actualReadableBytes() > 0;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return super.isContentAlwaysEmpty(message) || head;
  }
}
