package dev.longshore.proxy.http2;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.HttpAnswers;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.PartialHead;
import dev.longshore.proxy.http.Protocol;
import dev.longshore.proxy.http.RequestInterpreter;
import dev.longshore.proxy.http.Sender;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Reads the header list of a request. */
final class HeadReader {
  private static final int KEY_BYTES = 16;

  private HeadReader() {}

  /**
   * What a header list is.
   *
   * @param read a request, or what it is answered; null: it is malformed (RFC 9113 §8.1.1)
   * @param fault what makes it so
   * @param sender whose it is
   * @param seen what could be read of it, for the log
   * @param accept its Accept field
   * @param head whether its answer has no body
   * @param bytes what it takes of the wire
   * @param lines its fields
   */
  record Outcome(
      RequestInterpreter.@Nullable Result read,
      @Nullable String fault,
      Sender sender,
      PartialHead seen,
      @Nullable String accept,
      boolean head,
      int bytes,
      int lines) {}

  /**
   * Reads it.
   *
   * @param last whether the request ends with it
   */
  static Outcome read(Http2Headers list, boolean last, ClientPeer peer, LoopContext loop) {
    RequestHead head = RequestHead.of(list);
    HttpHeaders fields = head.fields();
    Sender sender = Sender.of(peer, fields, loop);
    PartialHead seen = PartialHead.of(head.method(), head.path(), fields);
    String accept = fields.get(HttpHeaderNames.ACCEPT);
    boolean bodyless = head.method().equals("HEAD");
    RequestInterpreter.Result read = head.fault() == null ? read(head, last, sender) : null;
    return new Outcome(
        read, head.fault(), sender, seen, accept, bodyless, head.bytes(), head.lines());
  }

  private static RequestInterpreter.Result read(RequestHead head, boolean last, Sender sender) {
    Bounds bounds = sender.settings().bounds();
    if (head.lineBytes() > bounds.requestLineBytes()) {
      return RequestInterpreter.refused(HttpAnswers.TARGET_TOO_LONG, sender);
    }
    if (head.bytes() > bounds.headerBytes() + head.lineBytes()) {
      return RequestInterpreter.refused(HttpAnswers.HEADERS_TOO_LARGE, sender);
    }
    return head.method().equals("CONNECT")
        ? connect(head, last, sender)
        : plain(head, last, sender);
  }

  private static RequestInterpreter.Result plain(RequestHead head, boolean last, Sender sender) {
    HttpHeaders fields = head.fields();
    List<String> lengths = fields.getAll(HttpHeaderNames.CONTENT_LENGTH);
    long length = lengths.size() == 1 ? RequestInterpreter.lengthOf(lengths.getFirst()) : 0;
    if (lengths.size() > 1 || length < 0) {
      return RequestInterpreter.refused(
          LocalAnswer.malformed("Content-Length has to be one number").because(Reason.FRAMING),
          sender);
    }
    // A length is held against what comes by the codec.
    Body body =
        last ? Body.NONE : lengths.isEmpty() ? Body.CHUNKED : RequestInterpreter.bodyOf(length);
    return RequestInterpreter.read(
        sender,
        Protocol.HTTP_2,
        HttpMethod.valueOf(head.method()),
        head.path(),
        fields,
        ConnectionOptions.of(fields),
        body,
        false);
  }

  /**
   * A WebSocket (RFC 8441 §5) means the same as the GET of RFC 6455, of which only key and answer
   * are not sent: the key, which goes upstream, is our own.
   */
  private static RequestInterpreter.Result connect(RequestHead head, boolean last, Sender sender) {
    String protocol = head.protocol();
    if (protocol == null) {
      return RequestInterpreter.refused(HttpAnswers.notImplemented("CONNECT"), sender);
    }
    if (!protocol.equals("websocket")) {
      return RequestInterpreter.refused(
          HttpAnswers.notImplemented("a :protocol other than websocket"), sender);
    }
    HttpHeaders fields = head.fields();
    if (last || fields.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return RequestInterpreter.refused(
          LocalAnswer.malformed("a WebSocket handshake has no body, and its stream goes on")
              .because(Reason.HANDSHAKE),
          sender);
    }
    byte[] nonce = new byte[KEY_BYTES];
    // It keeps answers apart, not secrets (RFC 6455 §10.3 wants it random, no more).
    ThreadLocalRandom.current().nextBytes(nonce);
    fields.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, Base64.getEncoder().encodeToString(nonce));
    return RequestInterpreter.read(
        sender,
        Protocol.HTTP_2,
        HttpMethod.GET,
        head.path(),
        fields,
        ConnectionOptions.of(fields),
        Body.NONE,
        true);
  }
}
