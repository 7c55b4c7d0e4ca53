package dev.longshore.proxy.extauth;

import dev.longshore.contract.Secret;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.Header;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.OutboundCall;
import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.filter.AuthOutcome;
import dev.longshore.proxy.filter.AuthQuestion;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One question to one endpoint. Only the head of the answer counts: behind it the connection is
 * given up, so nothing of a body is waited for. On one event loop.
 */
final class AuthCall implements OutboundCall.Asker<UpstreamConnection> {
  /** A body may come with the head; more isn't read. */
  private static final int MOST_BYTES = 64 * 1024;

  private static final List<AsciiString> TOLD =
      List.of(
          HttpHeaderNames.LOCATION, HttpHeaderNames.SET_COOKIE, HttpHeaderNames.WWW_AUTHENTICATE);

  private final AuthQuestion question;
  private final EndpointState endpoint;
  private final Consumer<AuthOutcome> hearer;
  private final OutboundCall<UpstreamConnection> call;
  private @Nullable AuthOutcome said;

  /**
   * One that has not begun.
   *
   * @param tls held, and let go at the end; null: in the clear
   * @param hearer hears the outcome, once, when the connection is gone
   */
  AuthCall(
      AuthQuestion question,
      EndpointState endpoint,
      DeadlineSweep deadlines,
      @Nullable TlsTarget tls,
      Consumer<AuthOutcome> hearer) {
    this.question = question;
    this.endpoint = endpoint;
    this.hearer = hearer;
    this.call = new OutboundCall<>(deadlines, tls, MOST_BYTES, this);
  }

  void start(Dialer dialer) {
    call.start(dialer::dial, endpoint, question.auth().timeout());
  }

  /** Nobody waits for it any more. */
  void stop() {
    call.stop();
  }

  @Override
  public void connected(UpstreamConnection connection) {
    Channel channel = connection.channel();
    ByteBuf out = channel.alloc().buffer(question.head().length());
    ByteBufUtil.writeAscii(out, question.head());
    channel.writeAndFlush(out, channel.voidPromise());
  }

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {
    if (said == null) {
      said = outcome(status, fields);
      call.stop();
    }
  }

  private AuthOutcome outcome(HttpResponseStatus status, HttpHeaders fields) {
    int code = status.code();
    if (code >= 200 && code <= 299) {
      return new AuthOutcome.Allowed(copied(question.auth(), fields));
    }
    return switch (code) {
      case 301, 302, 303, 307, 308 ->
          fields.contains(HttpHeaderNames.LOCATION)
              ? denied(status, "you have to sign in first", fields)
              : new AuthOutcome.Unknown("the service redirects to nowhere");
      case 401 -> denied(status, "this route wants to know who you are", fields);
      case 403 -> denied(status, "you may not pass", fields);
      default -> new AuthOutcome.Unknown("the service answers with status " + code);
    };
  }

  private static List<Header> copied(ExternalAuth auth, HttpHeaders fields) {
    List<Header> copied = new ArrayList<>();
    for (String name : auth.copyHeaders()) {
      for (String value : fields.getAll(name)) {
        copied.add(Header.secret(name, new Secret(value)));
      }
    }
    return copied;
  }

  private static AuthOutcome denied(HttpResponseStatus status, String detail, HttpHeaders fields) {
    List<LocalAnswer.Field> told = new ArrayList<>();
    for (AsciiString name : TOLD) {
      for (String value : fields.getAll(name)) {
        told.add(new LocalAnswer.Field(name, value));
      }
    }
    LocalAnswer answer =
        new LocalAnswer(
            status, detail, HandshakeOutcome.FORBIDDEN, AfterAnswer.KEEP, Reason.EXTERNAL_AUTH);
    return new AuthOutcome.Denied(answer.with(told));
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    bytes.release();
  }

  @Override
  public void ended(OutboundCall.End end, @Nullable Throwable cause) {
    AuthOutcome outcome = said;
    hearer.accept(outcome == null ? new AuthOutcome.Unknown(words(end)) : outcome);
  }

  private static String words(OutboundCall.End end) {
    return switch (end) {
      case STOPPED -> "nobody waits for the service any more";
      case TIMED_OUT -> "the service doesn't answer in time";
      case NO_CONNECTION -> "the service can't be reached";
      case TLS_FAILED -> "TLS to the service failed";
      case CLOSED -> "the service closes the connection without an answer";
      case MALFORMED -> "the service's answer is not HTTP/1";
      case INTERIM -> "the service sends nothing but interim answers";
      case TOO_LONG -> "the service doesn't stop sending";
    };
  }
}
