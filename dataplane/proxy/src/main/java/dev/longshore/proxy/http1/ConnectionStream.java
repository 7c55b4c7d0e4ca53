package dev.longshore.proxy.http1;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.ClientStream;
import dev.longshore.proxy.http.ErrorAnswer;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.Protocol;
import dev.longshore.proxy.http.WriteStall;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.SocketCarrier;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The stream that a connection of HTTP/1 is for one request after the other: how an exchange reads
 * its request on, and answers it.
 */
final class ConnectionStream implements ClientStream {
  private static final int HEAD_BYTES = 1024;

  private final Conversation conversation;
  private final Channel channel;
  private final RequestDecoder decoder;
  private final WriteStall stall;
  private final ResponseEncoder encoder;
  private boolean leftHttp;
  private @Nullable ClientRequest request;
  private @Nullable AnswerHead head;

  ConnectionStream(
      Conversation conversation, Channel channel, RequestDecoder decoder, WriteStall stall) {
    this.conversation = conversation;
    this.channel = channel;
    this.decoder = decoder;
    this.stall = stall;
    this.encoder = new ResponseEncoder(stall);
  }

  /** What encodes its answers. */
  ResponseEncoder encoder() {
    return encoder;
  }

  private ClientRequest request() {
    return Objects.requireNonNull(request, "no request");
  }

  // ---- for the conversation

  /** From now on it is of this request. */
  void serve(ClientRequest next) {
    request = next;
    encoder.answering(next.isHead());
  }

  /** The request is answered; nothing of it is kept. */
  void rest() {
    request = null;
  }

  /**
   * Answers what could not be read as a request. The connection is to be closed behind it.
   *
   * @param client its address, as far as it could be told
   * @param unread its head; null: that is not complete
   */
  void refuseUnread(LocalAnswer refusal, String id, String client, @Nullable HttpRequest unread) {
    HttpHeaders fields = unread == null ? EmptyHttpHeaders.INSTANCE : unread.headers();
    conversation
        .recorder()
        .unreadable(Protocol.HTTP_1_1, client, id, refusal, decoder.seen(fields));
    encoder.answering(unread != null && HttpMethod.HEAD.equals(unread.method()));
    write(refusal, fields.get(HttpHeaderNames.ACCEPT), id, false);
  }

  private void write(LocalAnswer refusal, @Nullable String accept, String id, boolean keepAlive) {
    String strict = conversation.strictTransportSecurity();
    ErrorAnswer answer = ErrorAnswer.of(channel.alloc(), refusal, accept, id, strict);
    if (!keepAlive) {
      answer.fields().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    channel.write(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            answer.status(),
            answer.body(),
            answer.fields(),
            EmptyHttpHeaders.INSTANCE),
        channel.voidPromise());
  }

  // ---- for the exchange

  @Override
  public void execute(Runnable task) {
    channel.eventLoop().execute(task);
  }

  @Override
  public void arm(Duration after) {
    conversation.arm(after);
  }

  @Override
  public void boundStall(Duration bound) {
    stall.bound(bound);
  }

  @Override
  public void begin(Exchange next) {
    conversation.begin(next);
  }

  @Override
  public void pause() {
    if (leftHttp) {
      channel.config().setAutoRead(false);
    } else {
      decoder.pause();
    }
  }

  @Override
  public void resume() {
    if (leftHttp) {
      channel.config().setAutoRead(true);
    } else {
      decoder.resume();
      conversation.resumed();
    }
  }

  /**
   * Removes the request decoder, so that what follows an upgrade request is never parsed as another
   * request.
   */
  @Override
  public void expectTunnel() {
    leftHttp = true;
    channel.config().setAutoRead(true);
    channel.pipeline().remove(decoder);
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void interim(HttpResponseStatus status, HttpHeaders fields) {
    if (!request().http10()) {
      writeHead(status, fields);
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
    }
  }

  @Override
  public void head(HttpResponseStatus status, HttpHeaders fields) {
    ClientRequest answered = request();
    head().framing().complete(answered, status, fields, conversation.mayKeepAlive(answered));
    writeHead(status, fields);
  }

  /** Made with the first answer: a tunnel needs none. */
  private AnswerHead head() {
    AnswerHead made = head;
    if (made == null) {
      made = new AnswerHead();
      head = made;
    }
    return made;
  }

  private void writeHead(HttpResponseStatus status, HttpHeaders fields) {
    AnswerHead next = head();
    channel.write(next.of(status, fields), channel.voidPromise());
    next.forget();
  }

  @Override
  public void data(ByteBuf bytes, boolean last) {
    if (bytes.isReadable()) {
      channel.write(bytes, channel.voidPromise());
    } else {
      bytes.release();
    }
    if (last) {
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
    }
  }

  @Override
  public void trailers(HttpHeaders trailers) {
    channel.writeAndFlush(
        new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers), channel.voidPromise());
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void finished() {
    conversation.answered(head().framing().keepAlive());
  }

  @Override
  public void refuse(LocalAnswer refusal) {
    ClientRequest refused = request();
    boolean keepAlive =
        refusal.connection() == LocalAnswer.AfterAnswer.KEEP
            && !refused.hasBody()
            && conversation.mayKeepAlive(refused);
    write(refusal, refused.headers().get(HttpHeaderNames.ACCEPT), refused.id(), keepAlive);
    if (keepAlive) {
      channel.flush();
    }
    conversation.answered(keepAlive);
  }

  /** A FIN would be the end of an answer without one, and many clients take that of TLS for it. */
  @Override
  public void reset() {
    conversation.abort(head().framing().isDelimited());
  }

  @Override
  public void cut() {
    channel.close();
  }

  @Override
  public Carrier accept(
      String accept,
      @Nullable String subprotocol,
      @Nullable String extensions,
      HttpHeaders fields) {
    ByteBuf out = channel.alloc().buffer(HEAD_BYTES);
    SwitchingProtocols.write(out, accept, subprotocol, extensions, fields);
    request = null;
    conversation.handOver();
    channel.pipeline().remove(encoder);
    channel.writeAndFlush(out, channel.voidPromise());
    channel.config().setAutoRead(true);
    return new SocketCarrier(channel);
  }
}
