package dev.longshore.proxy.http1;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.http.ClientIdentity;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.HostName;
import dev.longshore.proxy.http.HttpAnswers;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.RequestRules;
import dev.longshore.proxy.http.RequestedAs;
import dev.longshore.proxy.route.RequestTarget;
import dev.longshore.proxy.table.RoutingState;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a decoded request head into a {@link ClientRequest}, or refuses it: what the decoder can't
 * see, because it takes more than one line or header to see it.
 */
final class RequestReader {
  private RequestReader() {}

  /** Either a request or a refusal. */
  sealed interface Result {
    /** Sound. */
    record Sound(ClientRequest request) implements Result {}

    /** To be answered at once; with the client's address, as far as it could be told. */
    record Refused(LocalAnswer refusal, String id, String client) implements Result {}
  }

  /**
   * Reads it.
   *
   * @param inLine whether the decoder, if it failed, did so in the request line
   */
  static Result read(HttpRequest head, boolean inLine, ClientPeer peer, LoopContext loop) {
    RoutingState state = loop.state();
    Settings settings = state.settings();
    Bounds bounds = settings.bounds();
    HttpHeaders headers = head.headers();
    ClientIdentity client = ClientIdentity.resolve(peer, headers, loop.trustedProxies(state));
    String id = loop.ids().of(headers, client.peerTrusted());
    if (head.decoderResult().isFailure()) {
      return refused(Undecodable.answer(head.decoderResult(), inLine), id, client);
    }
    boolean http10 = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    LocalAnswer refusal = checkFraming(head, http10, bounds);
    if (refusal != null) {
      return refused(refusal, id, client);
    }
    return switch (RequestTarget.parse(head.uri())) {
      case RequestTarget.Rejected(String reason) ->
          refused(LocalAnswer.malformed(reason).because(Reason.TARGET), id, client);
      case RequestTarget.Accepted target -> read(head, http10, target, peer, client, settings, id);
    };
  }

  private static Result read(
      HttpRequest head,
      boolean http10,
      RequestTarget.Accepted target,
      ClientPeer peer,
      ClientIdentity client,
      Settings settings,
      String id) {
    HttpHeaders headers = head.headers();
    Bounds bounds = settings.bounds();
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && !http10)) {
      return refused(
          LocalAnswer.malformed("exactly one Host header is needed").because(Reason.HOST),
          id,
          client);
    }
    // RFC 9112 §3.2.2: the authority of an absolute-form target replaces the Host header.
    String authority =
        target.authority() != null ? target.authority() : hosts.isEmpty() ? null : hosts.getFirst();
    String host = authority == null ? "" : HostName.of(authority);
    if (host == null || (!hosts.isEmpty() && HostName.of(hosts.getFirst()) == null)) {
      return refused(
          LocalAnswer.malformed("the Host header is not a host with an optional port")
              .because(Reason.HOST),
          id,
          client);
    }
    ConnectionOptions connection = ConnectionOptions.of(headers);
    Body body = body(headers);
    if (body instanceof Body.Length(long bytes) && HttpAnswers.exceeds(bytes, bounds)) {
      return refused(HttpAnswers.BODY_TOO_LARGE, id, client);
    }
    boolean websocket =
        !http10
            && connection.upgrade()
            && Tokens.contain(headers.getAll(HttpHeaderNames.UPGRADE), "websocket");
    return new Result.Sound(
        new ClientRequest(
            head.method(),
            http10,
            headers,
            connection,
            host,
            authority,
            target,
            body,
            websocket,
            id,
            peer,
            client,
            RequestedAs.of(peer, client, headers, authority, settings.forwardedHeaders()),
            System.nanoTime()));
  }

  private static Result refused(LocalAnswer refusal, String id, ClientIdentity client) {
    return new Result.Refused(refusal, id, client.text());
  }

  private static @Nullable LocalAnswer checkFraming(
      HttpRequest head, boolean http10, Bounds bounds) {
    HttpHeaders headers = head.headers();
    if (headers.size() > bounds.headerCount()) {
      return HttpAnswers.HEADERS_TOO_LARGE;
    }
    if (Tokens.exceed(headers.getAll(HttpHeaderNames.CONNECTION), HardLimits.LIST_MEMBERS)) {
      return LocalAnswer.malformed("Connection has more options than anybody can mean");
    }
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
      // Any other coding, a second line or a second member is read differently by different
      // servers (RFC 9112 §11.2).
      if (codings.size() != 1
          || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst())) {
        return LocalAnswer.malformed("the only transfer coding can be one 'chunked'")
            .because(Reason.FRAMING);
      }
    }
    List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (lengths.size() > 1 || (lengths.size() == 1 && !isDigits(lengths.getFirst()))) {
      return LocalAnswer.malformed("Content-Length has to be one number").because(Reason.FRAMING);
    }
    if (head.method().name().equals("PRI")) {
      return LocalAnswer.malformed("HTTP/2 is not spoken here").because(Reason.REQUEST_LINE);
    }
    return RequestRules.refusal(head.method(), headers, http10);
  }

  private static Body body(HttpHeaders headers) {
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return Body.CHUNKED;
    }
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    long bytes = length == null ? 0 : Long.parseLong(length);
    return bytes == 0 ? Body.NONE : new Body.Length(bytes);
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= 18;
  }
}
