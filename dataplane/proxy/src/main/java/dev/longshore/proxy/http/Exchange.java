package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;

/**
 * One admitted request, from its head to the end of its answer, as its client connection sees it.
 * Called on the event loop; owns every buffer it is given.
 */
public interface Exchange {
  /** Begins. Everything else is called after this. */
  void start();

  /** A part of the request body; the last one is a {@code LastHttpContent}. */
  void requestPart(HttpContent content);

  /** Bytes behind an upgrade request, after {@link ClientConnection#leaveHttp()}. */
  void bytesBehindRequest(ByteBuf bytes);

  /** Whether it comes to nothing when the client sends no more, though its request is complete. */
  boolean needsInput();

  /** All that was there has been read; a good time to flush upstream. */
  void clientReadComplete();

  /** The client takes more, or takes no more for now. */
  void clientWritabilityChanged();

  /** The client's connection has ended; nothing comes after this. */
  void clientGone();

  /** About how many bytes wait in buffers for it, but for those to be written to the client. */
  long heldBytes();

  /** The deadline that was {@linkplain ClientConnection#arm armed} has passed. */
  void expired();
}
