package dev.longshore.proxy.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/**
 * Encodes the answers of one client connection, which has one request at a time: it has to be told
 * when that is a HEAD, so that the headers keep what they say of the body, and no body is sent.
 */
final class ResponseEncoder extends HttpResponseEncoder {
  private boolean head;

  /** Says whether the next final answer is to a HEAD. */
  void answering(boolean head) {
    this.head = head;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return super.isContentAlwaysEmpty(response) || head;
  }
}
