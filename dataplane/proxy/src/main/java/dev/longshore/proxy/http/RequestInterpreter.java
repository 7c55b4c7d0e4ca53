package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.route.RequestTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the head of a request means into a {@link ClientRequest}, or refuses it: what is the
 * same whatever protocol it came by. How it stands on the wire has been checked before.
 */
public final class RequestInterpreter {
  private RequestInterpreter() {}

  /** Either a request or a refusal. */
  public sealed interface Result {
    /** Sound. */
    record Sound(ClientRequest request) implements Result {}

    /** To be answered at once; with the client's address, as far as it could be told. */
    record Refused(LocalAnswer refusal, String id, String client) implements Result {}
  }

  /**
   * Reads it.
   *
   * @param target as it was sent
   * @param fields as they were sent; the authority of HTTP/2 is among them as Host
   * @param connection what its Connection header says
   * @param body how its body is delimited
   * @param websocket whether it asks for an upgrade to WebSocket
   */
  public static Result read(
      Sender sender,
      Protocol protocol,
      HttpMethod method,
      String target,
      HttpHeaders fields,
      ConnectionOptions connection,
      Body body,
      boolean websocket) {
    if (fields.size() > sender.settings().bounds().headerCount()) {
      return refused(HttpAnswers.HEADERS_TOO_LARGE, sender);
    }
    LocalAnswer refusal = RequestRules.refusal(method, fields, protocol == Protocol.HTTP_1_0);
    if (refusal != null) {
      return refused(refusal, sender);
    }
    return switch (RequestTarget.parse(target)) {
      case RequestTarget.Rejected(String reason) ->
          refused(LocalAnswer.malformed(reason).because(Reason.TARGET), sender);
      case RequestTarget.Accepted accepted ->
          read(sender, protocol, method, accepted, fields, connection, body, websocket);
    };
  }

  private static Result read(
      Sender sender,
      Protocol protocol,
      HttpMethod method,
      RequestTarget.Accepted target,
      HttpHeaders fields,
      ConnectionOptions connection,
      Body body,
      boolean websocket) {
    Bounds bounds = sender.settings().bounds();
    List<String> hosts = fields.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && protocol != Protocol.HTTP_1_0)) {
      return refused(
          LocalAnswer.malformed("exactly one Host header is needed").because(Reason.HOST), sender);
    }
    // RFC 9112 §3.2.2: the authority of an absolute-form target replaces the Host header.
    String authority =
        target.authority() != null ? target.authority() : hosts.isEmpty() ? null : hosts.getFirst();
    String host = authority == null ? "" : HostName.of(authority);
    if (host == null || (!hosts.isEmpty() && HostName.of(hosts.getFirst()) == null)) {
      return refused(
          LocalAnswer.malformed("the Host header is not a host with an optional port")
              .because(Reason.HOST),
          sender);
    }
    if (body instanceof Body.Length(long bytes) && HttpAnswers.exceeds(bytes, bounds)) {
      return refused(HttpAnswers.BODY_TOO_LARGE, sender);
    }
    return new Result.Sound(
        new ClientRequest(
            method,
            protocol,
            fields,
            connection,
            host,
            authority,
            target,
            body,
            websocket,
            sender.id(),
            sender.peer(),
            sender.client(),
            RequestedAs.of(
                sender.peer(),
                sender.client(),
                fields,
                authority,
                sender.settings().forwardedHeaders()),
            System.nanoTime()));
  }

  /** It is not to be read on. */
  public static Result refused(LocalAnswer refusal, Sender sender) {
    return new Result.Refused(refusal, sender.id(), sender.client().text());
  }

  /** The number that a Content-Length is; -1: it is none. */
  public static long lengthOf(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(text);
  }

  /** A body of so many bytes, or none. */
  public static Body bodyOf(long bytes) {
    return bytes == 0 ? Body.NONE : new Body.Length(bytes);
  }

  /** The body that a sound Content-Length announces; null: nothing. */
  public static Body bodyOf(@Nullable String length) {
    return length == null ? Body.NONE : bodyOf(lengthOf(length));
  }
}
