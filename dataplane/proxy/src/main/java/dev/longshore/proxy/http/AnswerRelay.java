package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.filter.Answered;
import dev.longshore.proxy.filter.ResponseFilters;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Passes an upstream's answer on to the client: what ended at this hop is removed, and the policy's
 * edits are made.
 */
final class AnswerRelay {
  private final ClientStream client;
  private final ClientRequest request;
  private final ResponseFilters filters;
  private final Answered to;
  private boolean complete;
  private int status;
  private long bytes;
  private int interimCount;
  private long interimBytes;

  /**
   * An answer that has not come.
   *
   * @param filters edit it
   * @param to who is answered
   */
  AnswerRelay(ClientStream client, ClientRequest request, ResponseFilters filters, Answered to) {
    this.client = client;
    this.request = request;
    this.filters = filters;
    this.to = to;
  }

  /**
   * Passes an interim answer on.
   *
   * @return false: there were more than anybody needs, and this one was not passed on
   */
  boolean interim(HttpResponseStatus interim, HttpHeaders fields) {
    interimCount++;
    interimBytes += sizeOf(fields);
    if (interimCount > HardLimits.INTERIM_ANSWERS
        || interimBytes > HardLimits.INTERIM_ANSWER_BYTES) {
      return false;
    }
    boolean unasked =
        interim.code() == 100 && !request.headers().contains(HttpHeaderNames.EXPECT);
    if (!unasked) {
      AnswerFields.removeHopByHop(fields);
      client.interim(interim, fields);
    }
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

  /** Passes the head on. */
  void head(HttpResponseStatus answered, HttpHeaders fields) {
    status = answered.code();
    // What would be right, says a 426, and only that field says it (RFC 9110 §15.5.22).
    List<String> upgrade =
        status == HttpResponseStatus.UPGRADE_REQUIRED.code()
            ? fields.getAll(HttpHeaderNames.UPGRADE)
            : List.of();
    edit(fields);
    if (!upgrade.isEmpty()) {
      fields.set(HttpHeaderNames.UPGRADE, upgrade);
    }
    client.head(answered, fields);
  }

  /** Leaves of a final answer's fields what goes on to the client, edited as the policy has it. */
  void edit(HttpHeaders fields) {
    AnswerFields.removeHopByHop(fields);
    filters.edit(fields, to);
  }

  /** Passes a part of the body on; the last one is flushed. */
  void data(ByteBuf part, boolean last) {
    bytes += part.readableBytes();
    complete = last;
    client.data(part, last);
  }

  /** Passes the fields behind the body on; what is left of them. */
  void trailers(HttpHeaders trailers) {
    AnswerFields.filterTrailers(trailers);
    filters.editTrailers(trailers);
    complete = true;
    client.trailers(trailers);
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
}
