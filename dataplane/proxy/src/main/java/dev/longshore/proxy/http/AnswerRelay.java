package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.filter.Answered;
import dev.longshore.proxy.filter.ResponseFilters;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Passes an upstream's answer on to the client as plain HTTP: hop-by-hop fields removed, the
 * policy's edits made, and delimited in a way that the client's version knows (RFC 9112 §6).
 */
final class AnswerRelay {
  private final Channel client;
  private final ClientRequest request;
  private final ResponseFilters filters;
  private final Answered to;
  private boolean clientKeepAlive;
  private boolean upstreamKeepAlive;
  private boolean complete;
  private boolean delimited;
  private int status;
  private long bytes;
  private int interimCount;
  private long interimBytes;
  private @Nullable Duration upstreamKeeps;

  /**
   * An answer that has not come.
   *
   * @param filters edit it
   * @param to who is answered
   */
  AnswerRelay(Channel client, ClientRequest request, ResponseFilters filters, Answered to) {
    this.client = client;
    this.request = request;
    this.filters = filters;
    this.to = to;
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

  /**
   * Passes an interim answer on, unless the client can't know it.
   *
   * @return false: there were more than anybody needs, and this one was not passed on
   */
  boolean interim(HttpResponse answer) {
    interimCount++;
    interimBytes += sizeOf(answer.headers());
    if (interimCount > HardLimits.INTERIM_ANSWERS
        || interimBytes > HardLimits.INTERIM_ANSWER_BYTES) {
      return false;
    }
    boolean unasked =
        answer.status().code() == 100 && !request.headers().contains(HttpHeaderNames.EXPECT);
    if (request.http10() || unasked) {
      return true;
    }
    AnswerFields.removeHopByHop(answer.headers());
    answer.setProtocolVersion(HttpVersion.HTTP_1_1);
    client.write(answer, client.voidPromise());
    client.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, client.voidPromise());
    return true;
  }

  private static long sizeOf(HttpHeaders headers) {
    long size = 0;
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      size += field.getKey().length() + field.getValue().length();
    }
    return size;
  }

  /**
   * Passes the head on.
   *
   * @param mayKeepAlive whether the client's connection may stay open after this answer
   */
  void head(HttpResponse answer, boolean mayKeepAlive) {
    HttpHeaders headers = answer.headers();
    status = answer.status().code();
    // What would be right, says a 426, and only that field says it (RFC 9110 §15.5.22).
    List<String> upgrade =
        status == HttpResponseStatus.UPGRADE_REQUIRED.code()
            ? headers.getAll(HttpHeaderNames.UPGRADE)
            : List.of();
    upstreamKeeps = KeepAliveField.timeout(headers);
    ConnectionOptions options = edit(headers);
    boolean bodyless = request.isHead() || status == 204 || status == 304;
    boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean given = bodyless || chunked || headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    upstreamKeepAlive =
        given
            && !options.close()
            && (answer.protocolVersion().equals(HttpVersion.HTTP_1_1) || options.keepAlive());
    clientKeepAlive = mayKeepAlive;
    if (!bodyless && request.http10()) {
      headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
      clientKeepAlive &= given && !chunked;
    } else if (!given) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (!clientKeepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (request.http10()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    if (!upgrade.isEmpty()) {
      headers.set(HttpHeaderNames.UPGRADE, upgrade);
      headers.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    answer.setProtocolVersion(HttpVersion.HTTP_1_1);
    client.write(answer, client.voidPromise());
    // What comes without a length is sent in chunks, which HTTP/1.0 doesn't know.
    delimited = bodyless || !request.http10() || (given && !chunked);
  }

  /**
   * Leaves of a final answer's fields what goes on to the client, edited as the policy has it.
   *
   * @return what its Connection header said
   */
  ConnectionOptions edit(HttpHeaders headers) {
    ConnectionOptions options = AnswerFields.removeHopByHop(headers);
    filters.edit(headers, to);
    return options;
  }

  /** Whether the client can tell by itself where the answer ends, and so that it broke off. */
  boolean isDelimited() {
    return delimited;
  }

  /** How long the upstream keeps the connection that it leaves open; null: it doesn't say. */
  @Nullable Duration upstreamKeeps() {
    return upstreamKeeps;
  }

  /** Passes a part of the body on; the last one is flushed. */
  void part(HttpContent content) {
    bytes += content.content().readableBytes();
    if (content instanceof LastHttpContent last) {
      complete = true;
      if (!last.trailingHeaders().isEmpty()) {
        AnswerFields.filterTrailers(last.trailingHeaders());
        filters.editTrailers(last.trailingHeaders());
      }
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
