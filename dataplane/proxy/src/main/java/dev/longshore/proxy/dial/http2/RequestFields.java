package dev.longshore.proxy.dial.http2;

import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.FieldSink;
import dev.longshore.proxy.http.UpstreamRequestHead;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** The header list of a request (RFC 9113 §8.3.1), and that of its trailers. */
final class RequestFields implements FieldSink {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private final Http2Headers list = new DefaultHttp2Headers(false);

  private RequestFields() {}

  /**
   * A request's.
   *
   * @param secure whether the endpoint is spoken to over TLS
   */
  static Http2Headers of(UpstreamRequestHead head, boolean secure) {
    RequestFields fields = new RequestFields();
    Http2Headers list = fields.list;
    list.method(head.method().asciiName());
    list.scheme(secure ? HTTPS : HTTP);
    String host = head.host();
    if (host != null && !host.isEmpty()) {
      list.authority(host);
    }
    list.path(head.target());
    head.fields(fields);
    if (head.takesTrailers()) {
      // Without it gRPC is not served.
      list.add(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    }
    switch (head.body()) {
      case Body.None _ -> {
        if (head.saysEmpty()) {
          list.add(HttpHeaderNames.CONTENT_LENGTH, "0");
        }
      }
      case Body.Length(long bytes) ->
          list.add(HttpHeaderNames.CONTENT_LENGTH, Long.toString(bytes));
      case Body.Chunked _ -> {}
    }
    return list;
  }

  /** That of a WebSocket (RFC 8441 §5). */
  static Http2Headers handshake(
      UpstreamRequestHead head,
      boolean secure,
      @Nullable String subprotocols,
      @Nullable String extensions) {
    RequestFields fields = new RequestFields();
    Http2Headers list = fields.list;
    list.method("CONNECT");
    list.add(":protocol", "websocket");
    String host = head.host();
    addressed(list, host == null ? "" : host, secure);
    list.path(head.target());
    head.handshakeFields(fields);
    list.add(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
    if (subprotocols != null) {
      list.add(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocols);
    }
    if (extensions != null) {
      list.add(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    return list;
  }

  /** Adds to a head whom it is for. */
  static void addressed(Http2Headers list, String authority, boolean secure) {
    list.scheme(secure ? HTTPS : HTTP);
    list.authority(authority);
  }

  /** Those of its trailers that may be passed on. */
  static Http2Headers trailers(UpstreamRequestHead head, HttpHeaders trailers) {
    RequestFields fields = new RequestFields();
    head.trailers(trailers, fields);
    return fields.list;
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    list.add(AsciiString.of(name).toLowerCase(), value);
  }
}
