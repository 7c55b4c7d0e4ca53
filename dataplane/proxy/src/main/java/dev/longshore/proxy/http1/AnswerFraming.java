package dev.longshore.proxy.http1;

import dev.longshore.proxy.http.ClientRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Delimits an upstream's answer in a way that the client's version knows (RFC 9112 §6), and says
 * what becomes of the connection behind it. One of a connection, for one answer after the other.
 */
final class AnswerFraming {
  private boolean keepAlive;
  private boolean delimited;

  /**
   * Completes the fields of an answer's head.
   *
   * @param mayKeepAlive whether the client's connection may stay open after this answer
   */
  void complete(
      ClientRequest request, HttpResponseStatus status, HttpHeaders fields, boolean mayKeepAlive) {
    int code = status.code();
    boolean bodyless = request.isHead() || code == 204 || code == 304;
    boolean chunked = fields.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean given = bodyless || chunked || fields.contains(HttpHeaderNames.CONTENT_LENGTH);
    keepAlive = mayKeepAlive;
    if (!bodyless && request.http10()) {
      fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
      keepAlive &= given && !chunked;
    } else if (!given) {
      fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (!keepAlive) {
      fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (request.http10()) {
      fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    // The one field of the hop that a 426 keeps, and it has to be named (RFC 9110 §7.8).
    if (code == HttpResponseStatus.UPGRADE_REQUIRED.code()
        && fields.contains(HttpHeaderNames.UPGRADE)) {
      fields.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    // What comes without a length is sent in chunks, which HTTP/1.0 doesn't know.
    delimited = bodyless || !request.http10() || (given && !chunked);
  }

  /** Whether another request may follow. */
  boolean keepAlive() {
    return keepAlive;
  }

  /** Whether the client can tell by itself where the answer ends, and so that it broke off. */
  boolean isDelimited() {
    return delimited;
  }
}
