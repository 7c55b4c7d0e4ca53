package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Hears what happens on an {@link UpstreamStream}. Called on the event loop; owns every buffer it
 * is given.
 */
public interface UpstreamListener {
  /** What the end of a stream says of the request whose answer has not come. */
  enum Loss {
    /** Nobody can have acted on it: not even its head has left. */
    UNSENT,
    /**
     * The connection had served before, and ended without a word: for idleness, perhaps, while the
     * request was on its way. The endpoint is not to blame, and may have acted on it.
     */
    CROSSED,
    /** Any other. */
    BROKEN
  }

  /** The stream can take the request. */
  void connected();

  /**
   * No connection could be made; nothing comes after this.
   *
   * @param cause as the transport says; {@link LocalFailureException}: it could not be begun
   */
  void connectFailed(Throwable cause);

  /**
   * TCP is connected, but TLS could not be agreed on; nothing comes after this.
   *
   * @param cause as the TLS library says
   */
  void tlsFailed(Throwable cause);

  /** The stream has ended after it was connected; nothing comes after this. */
  void upstreamClosed(Loss loss);

  /** All of a request's body has been taken from us. */
  void delivered();

  /**
   * The head of an answer, interim ones too; its status may be any number of three digits.
   *
   * @param fields as they came, the listener's from now on
   */
  void answer(HttpResponseStatus status, HttpHeaders fields);

  /**
   * A part of the body, perhaps empty, or bytes behind a switch of protocols.
   *
   * @param last whether the answer ends with it; every one ends, interim ones too
   */
  void answerData(ByteBuf bytes, boolean last);

  /** The fields behind the body, with which the answer ends. */
  void answerTrailers(HttpHeaders trailers);

  /** What came is no answer, or not the rest of one. */
  void answerMalformed(Throwable cause);

  /** All that was there has been read; a good time to flush. */
  void upstreamReadComplete();

  /** The stream takes more, or takes no more for now. */
  void upstreamWritabilityChanged();
}
