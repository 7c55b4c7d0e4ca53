package dev.longshore.proxy.http1;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.Protocol;
import dev.longshore.proxy.http.RequestInterpreter;
import dev.longshore.proxy.http.RequestInterpreter.Result;
import dev.longshore.proxy.http.Sender;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a decoded request head, or refuses it: how it is framed, which the decoder can't see
 * because it takes more than one line or header to see it, and then what it means.
 */
final class RequestReader {
  private RequestReader() {}

  /**
   * Reads it.
   *
   * @param inLine whether the decoder, if it failed, did so in the request line
   */
  static Result read(HttpRequest head, boolean inLine, ClientPeer peer, LoopContext loop) {
    HttpHeaders headers = head.headers();
    Sender sender = Sender.of(peer, headers, loop);
    if (head.decoderResult().isFailure()) {
      return RequestInterpreter.refused(Undecodable.answer(head.decoderResult(), inLine), sender);
    }
    LocalAnswer refusal = checkFraming(head);
    if (refusal != null) {
      return RequestInterpreter.refused(refusal, sender);
    }
    boolean http10 = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    ConnectionOptions connection = ConnectionOptions.of(headers);
    boolean websocket =
        !http10
            && connection.upgrade()
            && Tokens.contain(headers.getAll(HttpHeaderNames.UPGRADE), "websocket");
    return RequestInterpreter.read(
        sender,
        http10 ? Protocol.HTTP_1_0 : Protocol.HTTP_1_1,
        head.method(),
        head.uri(),
        headers,
        connection,
        body(headers),
        websocket);
  }

  private static @Nullable LocalAnswer checkFraming(HttpRequest head) {
    HttpHeaders headers = head.headers();
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
    if (lengths.size() > 1
        || (lengths.size() == 1 && RequestInterpreter.lengthOf(lengths.getFirst()) < 0)) {
      return LocalAnswer.malformed("Content-Length has to be one number").because(Reason.FRAMING);
    }
    if (head.method().name().equals("PRI")) {
      return LocalAnswer.malformed("HTTP/2 is not spoken here").because(Reason.REQUEST_LINE);
    }
    return null;
  }

  private static Body body(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        ? Body.CHUNKED
        : RequestInterpreter.bodyOf(headers.get(HttpHeaderNames.CONTENT_LENGTH));
  }
}
