package dev.longshore.proxy.http;

import dev.longshore.contract.Policy.HeaderEdits;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Passes an upstream's answer on to the client as plain HTTP: hop-by-hop fields removed, the
 * policy's edits made, and delimited in a way that the client's version knows (RFC 9112 §6).
 */
final class AnswerRelay {
  private final Channel client;
  private final ClientRequest request;
  private final HeaderEdits edits;
  private final @Nullable String strict;
  private boolean clientKeepAlive;
  private boolean upstreamKeepAlive;
  private boolean complete;
  private int status;
  private long bytes;

  /**
   * An answer that has not come.
   *
   * @param strict Strict-Transport-Security for an answer without; null: nothing
   */
  AnswerRelay(Channel client, ClientRequest request, HeaderEdits edits, @Nullable String strict) {
    this.client = client;
    this.request = request;
    this.edits = edits;
    this.strict = strict;
  }

  /**
   * Whether the transfer coding is one that can be passed on; a length beside it is refused before.
   */
  static boolean isWellFramed(HttpResponse answer) {
    List<String> codings = answer.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    return codings.isEmpty()
        || (codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst()));
  }

  /** Passes an interim answer on, unless the client can't know it. */
  void interim(HttpResponse answer) {
    boolean unasked =
        answer.status().code() == 100 && !request.headers().contains(HttpHeaderNames.EXPECT);
    if (request.http10() || unasked) {
      return;
    }
    AnswerFields.removeHopByHop(answer.headers());
    answer.setProtocolVersion(HttpVersion.HTTP_1_1);
    client.write(answer, client.voidPromise());
    client.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, client.voidPromise());
  }

  /**
   * Passes the head on.
   *
   * @param mayKeepAlive whether the client's connection may stay open after this answer
   * @param cookie Set-Cookie to add to those that the answer has; null: none
   */
  void head(HttpResponse answer, boolean mayKeepAlive, @Nullable String cookie) {
    HttpHeaders headers = answer.headers();
    status = answer.status().code();
    ConnectionOptions options = AnswerFields.removeHopByHop(headers);
    AnswerFields.edit(headers, edits);
    if (cookie != null) {
      headers.add(HttpHeaderNames.SET_COOKIE, cookie);
    }
    AnswerFields.protect(headers, edits, strict);
    boolean bodyless = request.isHead() || status == 204 || status == 304;
    boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean delimited = bodyless || chunked || headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    upstreamKeepAlive =
        delimited
            && !options.close()
            && (answer.protocolVersion().equals(HttpVersion.HTTP_1_1) || options.keepAlive());
    clientKeepAlive = mayKeepAlive;
    if (!bodyless && request.http10()) {
      headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
      clientKeepAlive &= delimited && !chunked;
    } else if (!delimited) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (!clientKeepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (request.http10()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    answer.setProtocolVersion(HttpVersion.HTTP_1_1);
    client.write(answer, client.voidPromise());
  }

  /** Passes a part of the body on; the last one is flushed. */
  void part(HttpContent content) {
    bytes += content.content().readableBytes();
    if (content instanceof LastHttpContent) {
      complete = true;
      client.writeAndFlush(content, client.voidPromise());
    } else {
      client.write(content, client.voidPromise());
    }
  }

  boolean complete() {
    return complete;
  }

  /** Status of the final answer; 0 before it. */
  int status() {
    return status;
  }

  /** Bytes of the body so far. */
  long bytes() {
    return bytes;
  }

  boolean clientKeepAlive() {
    return clientKeepAlive;
  }

  boolean upstreamKeepAlive() {
    return upstreamKeepAlive;
  }
}
