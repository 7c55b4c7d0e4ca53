package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.http2.OwnStream;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.grpc.GrpcStatus;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@code Check} of grpc.health.v1 says SERVING, of a service or of the server itself: as a
 * kubelet would ask. Its messages have one field each, so they are read and written by hand.
 */
final class GrpcProbe extends Probe<OwnStream> {
  private static final String METHOD = "/grpc.health.v1.Health/Check";

  /** Of an answer, prefix included; it has two bytes. */
  private static final int MOST_BYTES = 256;

  private static final int PREFIX = 5;
  private static final int SERVICE_TAG = 0x0a;
  private static final int STATUS_TAG = 0x08;
  private static final int SERVING = 1;

  private final String service;
  private final long timeoutMillis;
  private final byte[] answer = new byte[MOST_BYTES];
  private int length;

  GrpcProbe(
      DeadlineSweep deadlines,
      @Nullable TlsTarget tls,
      Verdict verdict,
      ProbeKey.Question question) {
    super(deadlines, tls, verdict);
    String asked = question.service();
    this.service = asked == null ? "" : asked;
    this.timeoutMillis = Math.max(1, question.timeout().toMillis());
  }

  @Override
  protected void ask(OwnStream stream) {
    Http2Headers list = new DefaultHttp2Headers(false);
    list.method("POST").path(METHOD);
    list.add(HttpHeaderNames.CONTENT_TYPE, GrpcCalls.CONTENT_TYPE);
    list.add(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    list.add(HttpHeaderNames.USER_AGENT, ProbeHead.USER_AGENT);
    list.add("grpc-timeout", GrpcCalls.text(timeoutMillis));
    stream.ask(list, request());
  }

  private ByteBuf request() {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteBuf message = Unpooled.buffer(name.length + 8);
    if (name.length > 0) {
      message.writeByte(SERVICE_TAG);
      int rest = name.length;
      for (; rest > 0x7f; rest >>= 7) {
        message.writeByte(rest & 0x7f | 0x80);
      }
      message.writeByte(rest).writeBytes(name);
    }
    int size = message.readableBytes();
    return Unpooled.buffer(PREFIX + size).writeByte(0).writeInt(size).writeBytes(message);
  }

  @Override
  protected void judge(HttpResponseStatus status, HttpHeaders fields) {
    if (status.code() != 200) {
      bad("answered " + status.code());
    } else if (!GrpcCalls.isOne(fields)) {
      bad("the answer is not gRPC");
    } else if (fields.contains(GrpcStatus.FIELD)) {
      ended(fields);
    }
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    int size = bytes.readableBytes();
    if (length + size <= MOST_BYTES) {
      bytes.readBytes(answer, length, size);
    }
    length += size;
    super.part(bytes, last);
    if (last) {
      bad("the answer ended without a status");
    }
  }

  @Override
  public void trailers(HttpHeaders fields) {
    ended(fields);
  }

  private void ended(HttpHeaders fields) {
    String status = fields.get(GrpcStatus.FIELD);
    int code = status == null ? GrpcStatus.UNKNOWN.code() : GrpcStatus.codeOf(status);
    if (code == GrpcStatus.UNIMPLEMENTED.code()) {
      bad("it has no grpc.health.v1");
    } else if (code != 0) {
      bad("answered with grpc-status " + code);
    } else if (said() == SERVING) {
      good();
      answered();
    } else {
      bad("not SERVING");
    }
  }

  /** The field {@code status} of the answer; -1: there is no message that can be read. */
  private int said() {
    boolean readable = length >= PREFIX && length <= MOST_BYTES && answer[0] == 0;
    if (!readable || length - PREFIX != Unpooled.wrappedBuffer(answer).getInt(1)) {
      return -1;
    }
    // The default value is not sent; unknown fields would be behind it.
    return length >= PREFIX + 2 && answer[PREFIX] == STATUS_TAG ? answer[PREFIX + 1] : 0;
  }
}
