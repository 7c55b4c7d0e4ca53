package dev.longshore.proxy.dial;

import dev.longshore.contract.HardLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AsciiString;
import java.util.List;

/**
 * Decodes the answers of one upstream connection, which carries one request at a time: it has to be
 * told when that is a HEAD, whose answer has no body whatever its headers say (RFC 9112 §6.3).
 */
final class AnswerDecoder extends HttpResponseDecoder {
  private static final int LINE_BYTES = 8 * 1024;
  private static final int HEADER_BYTES = 64 * 1024;
  private static final char DELETE = 0x7f;
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
  private int fields;
  private boolean closeNotified;
  private boolean head;
  private boolean heard;
  private boolean broken;

  /** Decodes answers that come over TLS, or in the clear. */
  AnswerDecoder(boolean tls) {
    super(CONFIG.clone());
    this.tls = tls;
  }

  /** Says whether the next final answer is to a HEAD. */
  void expectAnswerTo(boolean head) {
    this.head = head;
  }

  /** Whether it is. */
  boolean isToHead() {
    return head;
  }

  /** Begins to listen for an answer. */
  void listen() {
    heard = false;
  }

  /** Whether anything has arrived since. */
  boolean hasHeard() {
    return heard;
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
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    heard = true;
    super.channelRead(ctx, message);
  }

  /** A reset, or records that are none: what has not come by now is missing. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    broken = true;
    super.exceptionCaught(ctx, cause);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    closeNotified |= event instanceof SslCloseCompletionEvent close && close.isSuccess();
    // The end of writing came by a reset, behind which the end of reading looks like a FIN.
    broken |= event instanceof ChannelOutputShutdownEvent;
    super.userEventTriggered(ctx, event);
  }

  /**
   * An answer that ends with the connection is complete only if that ends in good order (RFC 9112
   * §8): by a FIN and not by a reset; over TLS by a close_notify, for a FIN could be anybody's
   * (§9.8).
   */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (tls ? closeNotified : !broken) {
      super.decodeLast(ctx, in, out);
    }
  }

  /**
   * Stricter than the inherited one, which takes any two words for version and status: {@code
   * HTTP/1.x} (RFC 9112 §2.3) and exactly three digits, and a reason of text, for it is relayed
   * (§4).
   */
  @Override
  protected HttpMessage createMessage(String[] words) {
    String version = words[0];
    if (version.length() != 8 || !version.startsWith("HTTP/1.") || !isDigit(version.charAt(7))) {
      throw new IllegalArgumentException("the version of the answer is not HTTP/1.x");
    }
    String status = words[1];
    if (status.length() != 3
        || !isDigit(status.charAt(0))
        || !isDigit(status.charAt(1))
        || !isDigit(status.charAt(2))) {
      throw new IllegalArgumentException("the status is not three digits");
    }
    for (int i = 0; i < words[2].length(); i++) {
      char c = words[2].charAt(i);
      if ((c < ' ' && c != '\t') || c == DELETE) {
        throw new IllegalArgumentException("the reason has a control character");
      }
    }
    fields = 0;
    return super.createMessage(words);
  }

  /** Counts as they come, trailers too: many short fields take fifty times their bytes of heap. */
  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    if (++fields > HardLimits.ANSWER_FIELDS) {
      throw new TooLongHttpHeaderException("the answer has too many fields");
    }
    return super.splitHeaderName(line, start, length);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    // The inherited one waits for a body behind a 101 that has no Sec-WebSocket-Accept (Hixie 76).
    return head
        || super.isContentAlwaysEmpty(message)
        || (message instanceof HttpResponse answer
            && answer.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code());
  }
}
