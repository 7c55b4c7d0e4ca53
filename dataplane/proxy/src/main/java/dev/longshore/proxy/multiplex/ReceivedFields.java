package dev.longshore.proxy.multiplex;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * A header list as it came. Netty's own one puts pseudo-header fields first, whatever the peer did,
 * so that is remembered here. Nothing else is checked: a list that were refused in the decoder
 * would be of a stream that doesn't exist, whose data then ends the connection and all its streams.
 */
public final class ReceivedFields extends DefaultHttp2Headers {
  private boolean regular;
  private boolean disordered;

  private ReceivedFields() {
    super(false);
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    boolean pseudo = name.length() > 0 && name.charAt(0) == ':';
    disordered |= pseudo && regular;
    regular |= !pseudo;
    return super.add(name, value);
  }

  /** Whether a pseudo-header field came behind another one (RFC 9113 §8.3). */
  public static boolean areDisordered(Http2Headers list) {
    return list instanceof ReceivedFields received && received.disordered;
  }

  /** Decodes lists of at most so many bytes, as HPACK counts them. */
  public static DefaultHttp2HeadersDecoder decoder(long mostBytes) {
    return new DefaultHttp2HeadersDecoder(false, mostBytes) {
      @Override
      protected Http2Headers newHeaders() {
        return new ReceivedFields();
      }
    };
  }

  /** An empty one. */
  public static ReceivedFields empty() {
    return new ReceivedFields();
  }
}
