package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One admitted request, from its head to the end of its answer, as its {@link ClientStream} sees
 * it. Called on the event loop; owns every buffer it is given.
 */
public interface Exchange {
  /** Begins. Everything else is called after this. */
  void start();

  /**
   * A part of the request body, perhaps empty, or what follows a request for a {@linkplain
   * ClientStream#expectTunnel tunnel}.
   *
   * @param last whether the request ends with it
   */
  void requestData(ByteBuf bytes, boolean last);

  /** The fields behind the body, with which the request ends. */
  void requestTrailers(HttpHeaders trailers);

  /** What came is not the rest of the request. */
  void requestMalformed(Throwable cause);

  /** Whether it comes to nothing when the client sends no more, though its request is complete. */
  boolean needsInput();

  /** All that was there has been read; a good time to flush upstream. */
  void clientReadComplete();

  /** The client takes more, or takes no more for now. */
  void clientWritabilityChanged();

  /** The client has left; nothing comes after this. */
  void clientGone();

  /** About how many bytes wait in buffers for it, but for those to be written to the client. */
  long heldBytes();

  /** The deadline that was {@linkplain ClientStream#arm armed} has passed. */
  void expired();
}
