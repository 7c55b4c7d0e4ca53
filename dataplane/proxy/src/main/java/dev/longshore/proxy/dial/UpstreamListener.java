package dev.longshore.proxy.dial;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/**
 * Hears what happens on an upstream connection while it serves one request. Called on the event
 * loop; owns every buffer it is given.
 */
public interface UpstreamListener {
  /** TCP, and TLS if there is to be one, is connected; the request can be written. */
  void connected();

  /**
   * The connection could not be made; nothing comes after this.
   *
   * @param cause as the transport says
   */
  void connectFailed(Throwable cause);

  /**
   * TCP is connected, but TLS could not be agreed on; nothing comes after this.
   *
   * @param cause as the TLS library says
   */
  void tlsFailed(Throwable cause);

  /** The connection ended after it was made; nothing comes after this. */
  void upstreamClosed();

  /** A response head, interim ones too. Its decoder result may be a failure. */
  void answer(HttpResponse response);

  /** A part of the body; the last one is a {@code LastHttpContent}. */
  void answerPart(HttpContent content);

  /** Bytes behind a switch of protocols, after {@link UpstreamConnection#leaveHttp()}. */
  void bytesBehindAnswer(ByteBuf bytes);

  /** All that was there has been read; a good time to flush. */
  void upstreamReadComplete();

  /** The connection takes more, or takes no more for now. */
  void upstreamWritabilityChanged();
}
