package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.fields.EndToEnd;
import dev.longshore.proxy.http.ClientRequest.Body;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as it goes upstream, written in one pass over what was received: end-to-end
 * fields as they are, then the policy's, then those that the proxy writes. A client's own value of
 * the latter never gets through; a policy may set or remove the forwarding ones among them.
 */
public final class UpstreamRequestHead {
  private static final AsciiString HTTP_1_1 = AsciiString.cached(" HTTP/1.1\r\n");
  private static final AsciiString UPGRADE_FIELDS =
      AsciiString.cached(
          "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n");

  private final ClientRequest request;
  private final String target;
  private final @Nullable String host;
  private final HeaderEdits edits;
  private final ForwardedHeaders forwarded;

  /**
   * What is common to both kinds of requests.
   *
   * @param target request target, rewritten if the rule says so
   * @param host Host to send; null: none, as an HTTP/1.0 client may send
   * @param edits the policy's
   * @param forwarded what happens to forwarding headers of trusted proxies
   */
  public UpstreamRequestHead(
      ClientRequest request,
      String target,
      @Nullable String host,
      HeaderEdits edits,
      ForwardedHeaders forwarded) {
    this.request = request;
    this.target = target;
    this.host = host;
    this.edits = edits;
    this.forwarded = forwarded;
  }

  /**
   * A plain request.
   *
   * @param close whether to ask the upstream to close the connection after it
   */
  void writePlain(ByteBuf out, boolean close) {
    start(out);
    passEndToEnd(out, false);
    setByPolicy(out);
    ForwardingHeaders.write(out, request, forwarded, edits);
    Hops.write(out, request.headers());
    if (!request.http10() && request.headers().contains(HttpHeaderNames.EXPECT)) {
      HeadWriter.field(out, HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    }
    switch (request.body()) {
      case Body.None _ -> {
        String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null) {
          HeadWriter.field(out, HttpHeaderNames.CONTENT_LENGTH, "0");
        }
      }
      case Body.Length(long bytes) ->
          HeadWriter.field(out, HttpHeaderNames.CONTENT_LENGTH, Long.toString(bytes));
      case Body.Chunked _ ->
          HeadWriter.field(out, HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (close) {
      HeadWriter.field(out, HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    HeadWriter.end(out);
  }

  /**
   * A WebSocket handshake: exactly {@code Upgrade: websocket} and {@code Connection: upgrade},
   * whatever the client listed.
   *
   * @param key the client's key, which the answer has to account for
   * @param subprotocols offers that the policy left; null: none
   * @param extensions offers; null: none
   */
  public void writeHandshake(
      ByteBuf out, String key, @Nullable String subprotocols, @Nullable String extensions) {
    start(out);
    passEndToEnd(out, true);
    setByPolicy(out);
    ForwardingHeaders.write(out, request, forwarded, edits);
    Hops.write(out, request.headers());
    HeadWriter.text(out, UPGRADE_FIELDS);
    HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    if (subprotocols != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocols);
    }
    if (extensions != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    HeadWriter.end(out);
  }

  private void start(ByteBuf out) {
    HeadWriter.text(out, request.method().asciiName());
    out.writeByte(' ');
    HeadWriter.text(out, target);
    HeadWriter.text(out, HTTP_1_1);
    if (host != null) {
      HeadWriter.field(out, HttpHeaderNames.HOST, host);
    } else {
      // RFC 9112 §3.2: a request of version 1.1 always has one.
      HeadWriter.field(out, HttpHeaderNames.HOST, "");
    }
  }

  private void passEndToEnd(ByteBuf out, boolean handshake) {
    Iterator<Map.Entry<CharSequence, CharSequence>> fields =
        request.headers().iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      CharSequence name = field.getKey();
      if (EndToEnd.isOwnedRequestField(name)
          || (handshake && EndToEnd.isHandshakeField(name))
          || request.connection().nominates(name)
          || EndToEnd.isAlias(name)
          || (!request.client().peerTrusted() && EndToEnd.isForwarded(name))
          || Edits.touch(name, edits)) {
        continue;
      }
      HeadWriter.field(out, name, field.getValue());
    }
  }

  private void setByPolicy(ByteBuf out) {
    List<Header> set = edits.set();
    for (int i = 0; i < set.size(); i++) {
      Header header = set.get(i);
      if (!EndToEnd.isHopField(header.name()) && !EndToEnd.isHandshakeField(header.name())) {
        HeadWriter.field(out, header.name(), header.reveal());
      }
    }
  }
}
