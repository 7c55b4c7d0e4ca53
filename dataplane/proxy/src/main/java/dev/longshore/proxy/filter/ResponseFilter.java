package dev.longshore.proxy.filter;

import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One edit of upstreams' answers on their way to the client. Compiled once when a policy is applied
 * and shared by all event loops. {@link ResponseFilters} has the order.
 */
interface ResponseFilter {
  /**
   * Edits the fields of a final answer's head, a 101 too.
   *
   * @param head without what ended at this hop; framing and the handshake are not its business
   * @param to who is answered
   */
  void edit(HttpHeaders head, Answered to);

  /** What becomes of an answer of the proxy's own, of whatever status. */
  default LocalAnswer own(LocalAnswer answer, Answered to) {
    return answer;
  }

  /** Edits the fields behind a body; what may not be there at all is gone already. */
  default void editTrailers(HttpHeaders trailers) {}
}
