package dev.longshore.proxy.http;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.tunnel.Carrier;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request's way to an endpoint, whose answer its {@link UpstreamListener} hears. A connection
 * of HTTP/1 is one such stream at a time. On the event loop of the request's client.
 */
public interface UpstreamStream {
  /** Whether it can take the request at once; if not, its listener hears when it can. */
  boolean isReady();

  /**
   * Writes the head of a plain request, and flushes.
   *
   * @param kept how connections to the endpoint are kept for the next request
   */
  void request(UpstreamRequestHead head, Keepalive kept);

  /**
   * Writes a WebSocket handshake, and flushes.
   *
   * @param key Sec-WebSocket-Key
   * @param subprotocols offers; null: none
   * @param extensions offers; null: none
   */
  void handshake(
      UpstreamRequestHead head,
      String key,
      @Nullable String subprotocols,
      @Nullable String extensions);

  /**
   * Writes a part of the request's body, perhaps empty. Taken over.
   *
   * @param last whether the request ends with it, and there are no trailers; flushes
   */
  void data(ByteBuf bytes, boolean last);

  /** Ends the request with the fields behind its body, as far as the endpoint can be sent them. */
  void trailers(HttpHeaders trailers);

  /** Sends what was written. */
  void flush();

  /** Whether so little waits for the endpoint that more should come. */
  boolean isWritable();

  /** Whether it takes no more of a request, though an answer may still come. */
  boolean hasStoppedTaking();

  /** Reads the answer, or does not for now. */
  void read(boolean on);

  /**
   * Request and answer are complete, and nothing more is asked of it.
   *
   * @param kept how a connection to the endpoint is kept for the next request
   */
  void finished(Keepalive kept);

  /** Gives it up, complete or not; its listener hears no more. */
  void abandon();

  /**
   * A 101 is complete, of which the listener is just being told: what has come behind it reaches
   * {@link UpstreamListener#answerData} before this returns, and so does all that follows.
   */
  void leaveHttp();

  /** Gives the way to a tunnel; its listener hears no more. */
  Carrier handOver();

  /** About how many bytes wait in buffers, to be written to it or to be decoded. */
  long heldBytes();
}
