package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The proxy's own answers: a short text/plain body, or JSON for who accepts that, and X-Request-Id.
 * They never name an upstream.
 */
final class ErrorAnswer {
  private ErrorAnswer() {}

  /**
   * Makes the answer.
   *
   * @param accept the request's Accept header
   * @param id value of X-Request-Id; made by us, or checked, so it needs no escaping
   */
  static FullHttpResponse of(
      ChannelHandlerContext ctx, Refusal refusal, @Nullable String accept, String id) {
    HttpResponseStatus status = refusal.status();
    boolean json = wantsJson(accept);
    String text =
        json
            ? "{\"status\":"
                + status.code()
                + ",\"error\":\""
                + status.reasonPhrase()
                + "\",\"detail\":\""
                + refusal.detail()
                + "\",\"requestId\":\""
                + id
                + "\"}\n"
            : status.code()
                + " "
                + status.reasonPhrase()
                + ": "
                + refusal.detail()
                + "\nrequest "
                + id
                + "\n";
    ByteBuf body = ctx.alloc().buffer(text.length());
    ByteBufUtil.writeAscii(body, text);
    FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    HttpHeaders headers = answer.headers();
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        json ? HttpHeaderValues.APPLICATION_JSON : "text/plain; charset=utf-8");
    headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    headers.set(ForwardingHeaders.X_REQUEST_ID, id);
    String location = refusal.location();
    if (location != null) {
      headers.set(HttpHeaderNames.LOCATION, location);
    }
    if (refusal.retryAfterSeconds() > 0) {
      headers.setInt(HttpHeaderNames.RETRY_AFTER, refusal.retryAfterSeconds());
    }
    if (HttpResponseStatus.UPGRADE_REQUIRED.equals(status)) {
      // RFC 6455 §4.4 and RFC 9110 §15.5.22: what would be right.
      headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
      headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    return answer;
  }

  private static boolean wantsJson(@Nullable String accept) {
    if (accept == null) {
      return false;
    }
    String lower = accept.toLowerCase(Locale.ROOT);
    int json = lower.indexOf("application/json");
    int text = lower.indexOf("text/");
    return json >= 0 && (text < 0 || json < text);
  }
}
