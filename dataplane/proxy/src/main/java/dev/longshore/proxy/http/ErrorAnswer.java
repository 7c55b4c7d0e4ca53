package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.FixedBody;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.filter.StrictTransportFilter;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.grpc.GrpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
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
 * @param status of its head
 * @param fields of its head, with the length of the body
 * @param body the receiver's
 */
public record ErrorAnswer(HttpResponseStatus status, HttpHeaders fields, ByteBuf body) {

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
    complete(headers, local, id, strict);
    return new ErrorAnswer(local.status(), headers, body);
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

  /**
   * Makes the answer to a call of gRPC, whose caller looks for a status of that: one without a body
   * ("Trailers-Only"), whose HTTP status is 200.
   *
   * @param id value of X-Request-Id
   * @param strict Strict-Transport-Security; null: none
   */
  public static ErrorAnswer toCall(LocalAnswer local, String id, @Nullable String strict) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, GrpcCalls.CONTENT_TYPE);
    GrpcStatus.of(local.status()).put(headers, local.detail());
    complete(headers, local, id, strict);
    return new ErrorAnswer(HttpResponseStatus.OK, headers, Unpooled.EMPTY_BUFFER);
  }

  private static void complete(
      HttpHeaders headers, LocalAnswer local, String id, @Nullable String strict) {
    headers.set(RequestIds.FIELD, id);
    for (LocalAnswer.Field field : local.fields()) {
      // What a body of ours would be of is no field of a call.
      if (!headers.contains(HttpHeaderNames.CONTENT_TYPE)
          || !HttpHeaderNames.CONTENT_TYPE.contentEqualsIgnoreCase(field.name())) {
        headers.add(field.name(), field.value());
      }
    }
    if (strict != null && !headers.contains(StrictTransportFilter.FIELD)) {
      headers.set(StrictTransportFilter.FIELD, strict);
    }
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
