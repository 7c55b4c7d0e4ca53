package dev.longshore.proxy.http;

import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.fields.EndToEnd;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.Map;

/** The header fields of an answer on its way to the client. */
public final class AnswerFields {
  private AnswerFields() {}

  /** Removes what ends at this hop, and says what the Connection header said. */
  static ConnectionOptions removeHopByHop(HttpHeaders headers) {
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
    return options;
  }

  /** Leaves of an answer's trailers what may be there. */
  static void filterTrailers(HttpHeaders trailers) {
    for (String name : trailers.names()) {
      if (!EndToEnd.isPermittedTrailer(name)) {
        trailers.remove(name);
      }
    }
  }

  /** Writes the fields of a verified 101 that are neither of the handshake nor of the hop. */
  public static void writeBeside101(ByteBuf out, HttpHeaders headers) {
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      if (EndToEnd.isSettableInResponse(field.getKey())) {
        HeadWriter.field(out, field.getKey(), field.getValue());
      }
    }
  }
}
