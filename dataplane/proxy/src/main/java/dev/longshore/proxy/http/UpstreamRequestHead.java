package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.fields.EndToEnd;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.http.ClientRequest.Body;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
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

  /** Its method. */
  public HttpMethod method() {
    return request.method();
  }

  /** Its target, in origin form. */
  public String target() {
    return target;
  }

  /** Host, or the authority; null: none, as an HTTP/1.0 client may send. */
  public @Nullable String host() {
    return host;
  }

  /** How its body is delimited, as the client had it. */
  public Body body() {
    return request.body();
  }

  /** Whether it says that it has no body. */
  public boolean saysEmpty() {
    return request.body() instanceof Body.None
        && request.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  /** Whether its answer has no body, whatever it says. */
  public boolean isHead() {
    return request.isHead();
  }

  /** Whether its sender takes fields behind the body of an answer (RFC 9110 §10.1.4). */
  public boolean takesTrailers() {
    List<String> codings = request.headers().getAll(HttpHeaderNames.TE);
    return !codings.isEmpty() && Tokens.contain(codings, "trailers");
  }

  /**
   * Writes the fields behind its body, where the protocol keeps these apart from those before it:
   * without what the proxy writes itself, what a policy decides on, and what says who is asking.
   */
  public void trailers(HttpHeaders trailers, FieldSink out) {
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = trailers.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      CharSequence name = field.getKey();
      if (EndToEnd.isPermittedRequestTrailer(name) && !Edits.touch(name, edits)) {
        out.field(name, field.getValue());
      }
    }
  }

  /** Writes the fields of a plain request, but for Host and what is of the connection. */
  public void fields(FieldSink out) {
    write(out, false);
    if (!request.http10() && request.headers().contains(HttpHeaderNames.EXPECT)) {
      out.field(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    }
  }

  /** Writes the fields of a WebSocket handshake, but for Host and those of the handshake itself. */
  public void handshakeFields(FieldSink out) {
    write(out, true);
  }

  private void write(FieldSink out, boolean handshake) {
    passEndToEnd(out, handshake);
    setByPolicy(out);
    ForwardingHeaders.write(out, request, forwarded, edits);
    Hops.write(out, request.headers());
  }

  private void passEndToEnd(FieldSink out, boolean handshake) {
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
      out.field(name, field.getValue());
    }
  }

  private void setByPolicy(FieldSink out) {
    List<Header> set = edits.set();
    for (int i = 0; i < set.size(); i++) {
      Header header = set.get(i);
      if (!EndToEnd.isHopField(header.name()) && !EndToEnd.isHandshakeField(header.name())) {
        out.field(header.name(), header.reveal());
      }
    }
  }
}
