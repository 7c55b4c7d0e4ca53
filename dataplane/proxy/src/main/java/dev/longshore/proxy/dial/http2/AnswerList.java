package dev.longshore.proxy.dial.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * A header list as it came: the inherited one puts pseudo-header fields first, wherever they stood,
 * and behind another field they are malformed (RFC 9113 §8.3).
 */
final class AnswerList extends DefaultHttp2Headers {
  private boolean disordered;
  private boolean fields;

  private AnswerList() {
    super(false);
  }

  /** What decodes such lists, of so many bytes as RFC 7541 §4.1 reckons them. */
  static DefaultHttp2HeadersDecoder decoder(long mostBytes) {
    return new DefaultHttp2HeadersDecoder(false, mostBytes) {
      @Override
      protected Http2Headers newHeaders() {
        return new AnswerList();
      }
    };
  }

  /** Whether a pseudo-header field stands behind another one. */
  static boolean isDisordered(Http2Headers list) {
    return list instanceof AnswerList came && came.disordered;
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    if (name.length() > 0 && name.charAt(0) == ':') {
      disordered |= fields;
    } else {
      fields = true;
    }
    return super.add(name, value);
  }
}
