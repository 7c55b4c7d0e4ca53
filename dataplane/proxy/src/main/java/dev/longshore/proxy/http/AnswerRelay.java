package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.filter.AffinityCookie;
import dev.longshore.proxy.filter.Answered;
import dev.longshore.proxy.grpc.GrpcCalls;
import dev.longshore.proxy.grpc.GrpcStatus;
import dev.longshore.proxy.grpc.MessageLengths;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Passes an upstream's answer on to the client: what ended at this hop is removed, and the policy's
 * edits are made.
 */
final class AnswerRelay implements Answered {
  private final ClientStream client;
  private final Admitted admitted;
  private final ExchangeContext context;
  private Duration mostPause = Duration.ZERO;
  private boolean complete;
  private int status;
  private long bytes;
  private int interimCount;
  private long interimBytes;
  private final MessageLengths lengths = new MessageLengths();
  private boolean call;
  private int callStatus = GrpcStatus.CANCELLED.code();
  private boolean ending;
  private @Nullable EndpointState answering;

  /** An answer that has not come. */
  AnswerRelay(ClientStream client, Admitted admitted, ExchangeContext context) {
    this.client = client;
    this.admitted = admitted;
    this.context = context;
  }

  /** Whether an answer is the last of its request, or a switch of protocols. */
  static boolean isFinal(HttpResponseStatus status) {
    return status.code() >= 200 || status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
  }

  /**
   * Why the head of an answer, of which any comes by here once, can't be passed on; null: it can.
   */
  @Nullable Failure faultOf(HttpResponseStatus head, HttpHeaders fields) {
    int code = head.code();
    if (!AnswerFields.isWellFramed(fields)) {
      return new Failure(Reason.UPSTREAM_ANSWER, "a transfer coding other than one 'chunked'");
    }
    if (code < 100 || code > 599) {
      // RFC 9110 §15: to be treated as 5xx, and nobody can know what a client makes of it.
      return new Failure(Reason.UPSTREAM_STATUS, "status " + code + " is not from 100 to 599");
    }
    if (isFinal(head)) {
      return null;
    }
    interimCount++;
    interimBytes += sizeOf(fields);
    return interimCount > HardLimits.INTERIM_ANSWERS
            || interimBytes > HardLimits.INTERIM_ANSWER_BYTES
        ? new Failure(Reason.UPSTREAM_INTERIM, "interim answers beyond number or size")
        : null;
  }

  /** Passes an interim answer on. */
  void interim(HttpResponseStatus interim, HttpHeaders fields) {
    boolean unasked =
        interim.code() == 100 && !admitted.request().headers().contains(HttpHeaderNames.EXPECT);
    if (!unasked) {
      AnswerFields.removeHopByHop(fields);
      client.interim(interim, fields);
    }
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
   * @param by who answers
   * @param pause the longest between the parts that follow; zero: as the deadline is armed
   */
  void head(HttpResponseStatus answered, HttpHeaders fields, EndpointState by, Duration pause) {
    status = answered.code();
    mostPause = pause;
    // What would be right, says a 426, and only that field says it (RFC 9110 §15.5.22).
    List<String> upgrade =
        status == HttpResponseStatus.UPGRADE_REQUIRED.code()
            ? fields.getAll(HttpHeaderNames.UPGRADE)
            : List.of();
    call = admitted.isCall() && status == 200 && GrpcCalls.isOne(fields);
    noteStatus(fields);
    edit(fields, by);
    if (!upgrade.isEmpty()) {
      fields.set(HttpHeaderNames.UPGRADE, upgrade);
    }
    client.head(answered, fields);
  }

  /** Leaves of a final answer's fields what goes on to the client, edited as the policy has it. */
  void edit(HttpHeaders fields, EndpointState by) {
    answering = by;
    AnswerFields.removeHopByHop(fields);
    admitted.policy().answers().edit(fields, this);
  }

  /** What the client is told in place of an answer. */
  LocalAnswer own(LocalAnswer answer) {
    return admitted.policy().answers().own(answer, this);
  }

  @Override
  public boolean websocket() {
    return admitted.request().websocket();
  }

  @Override
  public List<String> origins() {
    return admitted.request().headers().getAll(HttpHeaderNames.ORIGIN);
  }

  @Override
  public @Nullable String strictTransportSecurity() {
    return context.strictTransportSecurity(admitted.request().peer());
  }

  @Override
  public @Nullable AffinityCookie affinityCookie() {
    return admitted.affinityCookie(Objects.requireNonNull(answering, "nobody answers"));
  }

  /** Passes a part of the body on; the last one is flushed. */
  void data(ByteBuf part, boolean last) {
    moved();
    boolean all = true;
    if (call) {
      int followed = ending ? lengths.followToEnd(part) : follow(part);
      all = followed == part.readableBytes();
      part.writerIndex(part.readerIndex() + followed);
    }
    bytes += part.readableBytes();
    complete = last && all;
    client.data(part, complete);
  }

  private void noteStatus(HttpHeaders fields) {
    String told = call ? fields.get(GrpcStatus.FIELD) : null;
    if (told != null) {
      callStatus = GrpcStatus.codeOf(told);
    }
  }

  private int follow(ByteBuf part) {
    lengths.follow(part);
    return part.readableBytes();
  }

  /** From now on nothing is passed on behind the end of the message that is under way. */
  void endBehindMessage() {
    ending = true;
  }

  /** Whether it is a call's answer, and may end here with a status. */
  boolean isBetweenMessages() {
    return call && !complete && lengths.isBetween();
  }

  /** A call gets no status of its endpoint. */
  void callFailed(HttpResponseStatus refused) {
    callStatus = GrpcStatus.of(refused).code();
  }

  /** How a call has ended, by gRPC's numbers; until something is known it is cancelled. */
  int callStatus() {
    return callStatus;
  }

  /** Messages of a call's answer. */
  MessageLengths lengths() {
    return lengths;
  }

  /** Passes the fields behind the body on; what is left of them. */
  void trailers(HttpHeaders trailers) {
    moved();
    noteStatus(trailers);
    AnswerFields.filterTrailers(trailers);
    admitted.policy().answers().editTrailers(trailers);
    complete = true;
    client.trailers(trailers);
  }

  private void moved() {
    if (mostPause.isPositive()) {
      client.arm(mostPause);
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
}
