package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Who has {@link Attempts} made: says what is asked, and what an answer means. On the event loop.
 */
public interface Asker {
  /** Writes the request, and arms the deadline of its answer. */
  void ask(UpstreamStream upstream);

  /** The stream ended after the request was written, before an answer. */
  void lost(UpstreamListener.Loss loss);

  /** The deadline passed after the request was written, before an answer. */
  void overdue();

  /** A final answer, well-formed, or a 101; to be {@linkplain Attempts#relay relayed} or not. */
  void answer(HttpResponseStatus status, HttpHeaders fields);

  /** Data that is of no answer that is relayed: what a 101 ends with, and what is behind it. */
  void aside(ByteBuf bytes, boolean last);

  /** The answer has been passed on completely. */
  void answered();

  /** The stream takes more, or takes no more for now. */
  void upstreamWritabilityChanged();

  /** Bytes of the request body that were passed on. */
  long requestBytes();

  /** It is over, however it ended; once. */
  void ended();
}
