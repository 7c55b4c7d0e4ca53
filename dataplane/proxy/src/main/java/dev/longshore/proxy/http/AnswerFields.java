package dev.longshore.proxy.http;

import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.fields.EndToEnd;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** The header fields of an answer on its way to the client. */
final class AnswerFields {
  private AnswerFields() {}

  /**
   * Whether the transfer coding is one that can be passed on; a length beside it is refused before.
   */
  static boolean isWellFramed(HttpHeaders headers) {
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    return codings.isEmpty()
        || (codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst()));
  }

  /** Removes what ends at this hop. */
  static void removeHopByHop(HttpHeaders headers) {
    ConnectionOptions options = ConnectionOptions.of(headers);
    if (!options.nominated().isEmpty()) {
      for (String name : headers.names()) {
        if (options.nominates(name) && !EndToEnd.isFraming(name)) {
          headers.remove(name);
        }
      }
    }
    for (String name : EndToEnd.HOP_BY_HOP_RESPONSE_FIELDS) {
      headers.remove(name);
    }
  }

  /** Leaves of an answer's trailers what may be there. */
  static void filterTrailers(HttpHeaders trailers) {
    for (String name : trailers.names()) {
      if (!EndToEnd.isPermittedTrailer(name)) {
        trailers.remove(name);
      }
    }
  }
}
