package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.FixedBody;
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
 * How a {@link LocalAnswer} goes out: with its own body, or a short one of text/plain, or JSON for
 * who accepts that, and with X-Request-Id. They never name an upstream.
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
    HttpHeaders headers = new DefaultHttpHeaders();
    FixedBody fixed = local.body();
    ByteBuf body = fixed == null ? words(allocator, local, accept, id, headers) : fixed.open();
    // RFC 9110 §8.6: not where there is no body by the status.
    if (local.status().code() != HttpResponseStatus.NO_CONTENT.code()) {
      headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    headers.set(RequestIds.FIELD, id);
    for (LocalAnswer.Field field : local.fields()) {
      headers.add(field.name(), field.value());
    }
    if (strict != null && !headers.contains(StrictTransportFilter.FIELD)) {
      headers.set(StrictTransportFilter.FIELD, strict);
    }
    return new ErrorAnswer(headers, body);
  }

  private static ByteBuf words(
      ByteBufAllocator allocator,
      LocalAnswer local,
      @Nullable String accept,
      String id,
      HttpHeaders headers) {
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
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        json ? HttpHeaderValues.APPLICATION_JSON : "text/plain; charset=utf-8");
    return body;
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
