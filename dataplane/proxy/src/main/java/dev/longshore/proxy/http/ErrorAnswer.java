package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.filter.StrictTransportFilter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link LocalAnswer} goes out: a short text/plain body, or JSON for who accepts that, and
 * X-Request-Id. They never name an upstream.
 *
 * @param fields of its head, with the length of the body
 * @param body the receiver's
 */
public record ErrorAnswer(HttpHeaders fields, ByteBuf body) {

  /**
   * Makes the answer.
   *
   * @param accept the request's Accept header
   * @param id value of X-Request-Id; made by us, or checked, so it needs no escaping
   * @param strict Strict-Transport-Security; null: none
   */
  public static ErrorAnswer of(
      ByteBufAllocator allocator,
      LocalAnswer local,
      @Nullable String accept,
      String id,
      @Nullable String strict) {
    HttpResponseStatus status = local.status();
    boolean json = wantsJson(accept);
    String text =
        json
            ? "{\"status\":"
                + status.code()
                + ",\"error\":\""
                + status.reasonPhrase()
                + "\",\"detail\":\""
                + local.detail()
                + "\",\"requestId\":\""
                + id
                + "\"}\n"
            : status.code()
                + " "
                + status.reasonPhrase()
                + ": "
                + local.detail()
                + "\nrequest "
                + id
                + "\n";
    ByteBuf body = allocator.buffer(text.length());
    ByteBufUtil.writeAscii(body, text);
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        json ? HttpHeaderValues.APPLICATION_JSON : "text/plain; charset=utf-8");
    headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    headers.set(RequestIds.FIELD, id);
    for (LocalAnswer.Field field : local.fields()) {
      headers.add(field.name(), field.value());
    }
    if (strict != null) {
      headers.set(StrictTransportFilter.FIELD, strict);
    }
    return new ErrorAnswer(headers, body);
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
