package dev.longshore.proxy.dial.http2;

import dev.longshore.proxy.http.UpstreamStream;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;

/** A stream for a question of the proxy's own. On its event loop. */
public interface OwnStream extends UpstreamStream {
  /**
   * Writes the whole request, and flushes.
   *
   * @param list its head, with names in lower case and the pseudo-header fields of the question;
   *     {@code :scheme} and {@code :authority} are added
   * @param body all of it; taken over
   */
  void ask(Http2Headers list, ByteBuf body);
}
