package dev.longshore.proxy.http;

import dev.longshore.proxy.fields.FieldName;
import dev.longshore.proxy.fields.EndToEnd;
import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The header fields of an answer on its way to the client. */
public final class AnswerFields {
  static final AsciiString STRICT_TRANSPORT_SECURITY =
      AsciiString.cached("Strict-Transport-Security");

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

  /** Makes the policy's edits, except to what belongs to the hop. */
  static void edit(HttpHeaders headers, HeaderEdits edits) {
    if (edits.remove().isEmpty() && edits.set().isEmpty()) {
      return;
    }
    for (String name : headers.names()) {
      if (!EndToEnd.isFraming(name) && isEdited(name, edits)) {
        headers.remove(name);
      }
    }
    for (Header header : edits.set()) {
      if (EndToEnd.isSettableInResponse(header.name())) {
        headers.set(header.name(), header.reveal());
      }
    }
  }

  /**
   * Leaves of an answer's trailers what may be there, and nothing that the policy edits: what it
   * removes, or sets in the head, does not come back behind the body.
   */
  static void filterTrailers(HttpHeaders trailers, HeaderEdits edits) {
    for (String name : trailers.names()) {
      if (!EndToEnd.isPermittedTrailer(name) || isEdited(name, edits)) {
        trailers.remove(name);
      }
    }
  }

  /** Adds Strict-Transport-Security, unless the upstream or the policy has something to say. */
  public static void protect(HttpHeaders headers, HeaderEdits edits, @Nullable String strict) {
    if (strict != null
        && !headers.contains(STRICT_TRANSPORT_SECURITY)
        && !isEdited(STRICT_TRANSPORT_SECURITY, edits)) {
      headers.set(STRICT_TRANSPORT_SECURITY, strict);
    }
  }

  /**
   * Writes the fields of a verified 101 that are neither of the handshake nor of the hop, with the
   * policy's edits.
   */
  public static void writeBeside101(ByteBuf out, HttpHeaders headers, HeaderEdits edits) {
    ConnectionOptions options = ConnectionOptions.of(headers);
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      CharSequence name = field.getKey();
      if (EndToEnd.isSettableInResponse(name)
          && !options.nominates(name)
          && !isEdited(name, edits)) {
        Head.field(out, name, field.getValue());
      }
    }
    for (Header header : edits.set()) {
      if (EndToEnd.isSettableInResponse(header.name())) {
        Head.field(out, header.name(), header.reveal());
      }
    }
  }

  /** Whether an answer sets a cookie of that name, with the policy's edits. */
  static boolean setsCookie(HttpHeaders headers, HeaderEdits edits, String cookie) {
    if (!isEdited(HttpHeaderNames.SET_COOKIE, edits)) {
      return headers.getAll(HttpHeaderNames.SET_COOKIE).stream().anyMatch(it -> sets(it, cookie));
    }
    return edits.set().stream()
        .anyMatch(
            header ->
                HttpHeaderNames.SET_COOKIE.contentEqualsIgnoreCase(header.name())
                    && sets(header.reveal(), cookie));
  }

  private static boolean sets(String field, String cookie) {
    int equals = field.indexOf('=');
    return equals >= 0 && field.substring(0, equals).strip().equals(cookie);
  }

  /** Whether a policy removes or replaces a field, or one that an application takes for it. */
  static boolean isEdited(CharSequence name, HeaderEdits edits) {
    List<String> removed = edits.remove();
    for (int i = 0; i < removed.size(); i++) {
      if (FieldName.alike(removed.get(i), name)) {
        return true;
      }
    }
    List<Header> set = edits.set();
    for (int i = 0; i < set.size(); i++) {
      if (FieldName.alike(set.get(i).name(), name)) {
        return true;
      }
    }
    return false;
  }
}
