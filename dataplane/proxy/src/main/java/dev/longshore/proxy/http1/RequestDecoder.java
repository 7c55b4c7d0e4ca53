package dev.longshore.proxy.http1;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.PartialHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes requests as strictly as RFC 9112 lets a server be, and can be paused: what is behind a
 * request stays undecoded until that one is answered. Netty's decoder already refuses bare LF,
 * Content-Length beside Transfer-Encoding, whitespace before a colon, control bytes and quoted
 * chunk extensions; added are obs-fold (§5.2, which it unfolds) and request lines that are not
 * exactly three words with one space between (§3, where it is lenient). Fields are counted as they
 * come: kept until the block is complete, many short ones would take fifty times their bytes of the
 * heap. Errors arrive as messages with a failed decoder result.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /** Undecoded bytes at which reading from the socket stops while paused. */
  private static final int PAUSED_BYTES = 64 * 1024;

  /** Of a field's objects on the heap, but for its characters. */
  private static final int FIELD_BYTES = 160;

  private static final int CHUNK_BYTES = 64 * 1024;

  /** Bytes of a request line that can't be read which are kept for the log. */
  private static final int MOST_LOGGED = 1024;

  private final int mostFields;
  private int fields;
  private int fieldsOfHead;
  private int headBytes;
  private @Nullable ChannelHandlerContext context;
  private boolean paused;
  private boolean decoding;
  private boolean inHead = true;
  private boolean inRequestLine = true;
  private boolean hasLength;
  private int endOfWord;
  private String @Nullable [] line;
  private @Nullable ByteBuf lineBytes;
  private int lineStart;
  private @Nullable String brokenLine;
  private boolean failedInLine;

  RequestDecoder(Bounds bounds) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(bounds.requestLineBytes())
            .setMaxHeaderSize(bounds.headerBytes())
            .setMaxChunkSize(CHUNK_BYTES)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true)
            .setAllowDuplicateContentLengths(false)
            .setHeadersFactory(DefaultHttpHeadersFactory.headersFactory())
            .setTrailersFactory(DefaultHttpHeadersFactory.trailersFactory()));
    mostFields = bounds.headerCount();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** Decodes nothing until {@link #resume()}; may be called while a message is handled. */
  void pause() {
    paused = true;
  }

  /** Stays paused, and takes no more from the socket either, until {@link #resume()}. */
  void hold() {
    paused = true;
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** Whether everything complete that has arrived was handed on, and nothing is held back. */
  boolean isDry() {
    return !paused && !decoding;
  }

  /** Goes on with what has arrived meanwhile. */
  void resume() {
    if (!paused) {
      return;
    }
    paused = false;
    ChannelHandlerContext ctx = context;
    if (ctx == null || ctx.isRemoved()) {
      return;
    }
    ctx.channel().config().setAutoRead(true);
    // While it decodes, the loop that is running goes on by itself.
    if (!decoding && actualReadableBytes() > 0) {
      try {
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
        // As after a read from the socket: what was decoded wants to be flushed onwards.
        if (!ctx.isRemoved()) {
          channelReadComplete(ctx);
        }
      } catch (Exception e) {
        ctx.fireExceptionCaught(e);
      }
    }
  }

  /** What is known of a request whose head was refused. */
  PartialHead seen(HttpHeaders headers) {
    String[] words = line;
    return words == null
        ? PartialHead.ofLine(brokenLine, headers)
        : PartialHead.of(words[0], words[1], headers);
  }

  /** Whether it was the request line that could not be read. */
  boolean failedInRequestLine() {
    return failedInLine;
  }

  /** Whether a part of a request head is there. */
  boolean isMidHead() {
    return inHead && (!inRequestLine || actualReadableBytes() > 0);
  }

  /**
   * About what the head takes of the heap of which a part has come, or that came last: its bytes,
   * and a name, a value and an entry for each field.
   */
  int bytesOfHead() {
    return headBytes + fieldsOfHead * FIELD_BYTES;
  }

  /** Bytes that wait to be decoded. */
  int heldBytes() {
    return actualReadableBytes();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    decoding = true;
    try {
      super.channelRead(ctx, message);
    } finally {
      decoding = false;
    }
    if (paused && actualReadableBytes() >= PAUSED_BYTES) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  /**
   * The end of the client's stream ends no request that has come before it: unlike the inherited
   * one, this goes on holding what is pipelined behind the present request.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (!paused) {
      super.channelReadComplete(ctx);
      return;
    }
    // Not the inherited one: it would ask for more, because no message was decoded.
    discardSomeReadBytes();
    ctx.fireChannelReadComplete();
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (paused) {
      return;
    }
    if (inRequestLine) {
      headBytes = 0;
      fieldsOfHead = 0;
      line = null;
      brokenLine = null;
      lineBytes = buffer;
      lineStart = buffer.readerIndex();
    }
    if (inHead && hasFold(buffer, !inRequestLine)) {
      HttpMessage invalid = createInvalidMessage();
      failedInLine = false;
      invalid.setDecoderResult(
          DecoderResult.failure(new IllegalArgumentException("line folding in the header block")));
      buffer.skipBytes(buffer.readableBytes());
      out.add(invalid);
      pause();
      return;
    }
    int before = out.size();
    int readable = buffer.readableBytes();
    boolean ofHead = inHead;
    super.decode(ctx, buffer, out);
    if (ofHead) {
      headBytes += readable - buffer.readableBytes();
    }
    for (int i = before; i < out.size(); i++) {
      Object decoded = out.get(i);
      if (decoded instanceof HttpRequest) {
        inHead = false;
        fields = 0;
        hasLength = false;
      }
      if (decoded instanceof LastHttpContent) {
        inHead = true;
        inRequestLine = true;
        fields = 0;
      }
    }
  }

  /** Keeps the beginning of a line that could not be read, for the log. */
  @Override
  protected HttpMessage createInvalidMessage() {
    failedInLine = true;
    ByteBuf bytes = lineBytes;
    if (inRequestLine && bytes != null) {
      int length = Math.min(MOST_LOGGED, bytes.writerIndex() - lineStart);
      brokenLine = bytes.toString(lineStart, length, StandardCharsets.ISO_8859_1);
    }
    return super.createInvalidMessage();
  }

  @Override
  protected HttpMessage createMessage(String[] words) throws Exception {
    line = words;
    lineBytes = null;
    inRequestLine = false;
    String version = words[2];
    if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
      throw new IllegalArgumentException("the version is not HTTP/1.1 or HTTP/1.0");
    }
    return super.createMessage(words);
  }

  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    if (++fields > mostFields) {
      throw new TooLongHttpHeaderException("there are more than " + mostFields + " fields");
    }
    if (inHead) {
      fieldsOfHead = fields;
    }
    AsciiString name = super.splitHeaderName(line, start, length);
    // Netty lets HTTP/1.0 requests have several, and takes the first.
    if (inHead && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
      if (hasLength) {
        throw new IllegalArgumentException("there are two Content-Length fields");
      }
      hasLength = true;
    }
    return name;
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    requireWordAt(start == 0, start);
    endOfWord = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    requireWordAt(start == endOfWord + 1 && line[start - 1] == ' ', start);
    endOfWord = start + length;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    requireWordAt(start == endOfWord + 1 && line[start - 1] == ' ', start);
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private static void requireWordAt(boolean right, int start) {
    if (!right) {
      throw new IllegalArgumentException(
          "the request line has no single space before byte " + start);
    }
  }

  /**
   * Whether a line in the readable part of the head starts with whitespace.
   *
   * @param started whether the request line has been consumed; before it empty lines are allowed
   */
  private static boolean hasFold(ByteBuf buffer, boolean started) {
    int end = buffer.writerIndex();
    int line = buffer.readerIndex();
    boolean endsAtEmptyLine = started;
    while (line < end) {
      byte first = buffer.getByte(line);
      if (first == ' ' || first == '\t') {
        return true;
      }
      int lf = buffer.indexOf(line, end, (byte) '\n');
      if (lf < 0) {
        return false;
      }
      boolean empty = lf == line || (lf == line + 1 && first == '\r');
      if (empty && endsAtEmptyLine) {
        return false;
      }
      endsAtEmptyLine |= !empty;
      line = lf + 1;
    }
    return false;
  }
}
