package dev.longshore.proxy.http;

import dev.longshore.contract.Policy.HeaderEdits;
import dev.longshore.contract.Settings.ForwardedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * X-Forwarded-*, X-Real-IP, Forwarded (RFC 7239) and X-Request-Id of a request on its way upstream.
 * What an untrusted peer sent of them is replaced; what a trusted one sent is appended to, unless
 * the setting says replace. They are written after everything else was filtered, so that no
 * Connection header can take them away (CVE-2024-45410).
 */
final class ForwardingHeaders {
  static final AsciiString X_FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");
  static final AsciiString X_REQUEST_ID = AsciiString.cached("X-Request-Id");
  static final AsciiString X_FORWARDED_PROTO = AsciiString.cached("X-Forwarded-Proto");
  private static final AsciiString X_FORWARDED_HOST = AsciiString.cached("X-Forwarded-Host");
  private static final AsciiString X_FORWARDED_PORT = AsciiString.cached("X-Forwarded-Port");
  private static final AsciiString X_REAL_IP = AsciiString.cached("X-Real-IP");
  private static final AsciiString FORWARDED = AsciiString.cached("Forwarded");

  private ForwardingHeaders() {}

  static void write(ByteBuf out, ClientRequest request, ForwardedHeaders mode, HeaderEdits edits) {
    Peer peer = request.peer();
    HttpHeaders received = request.headers();
    boolean append = request.client().peerTrusted() && mode == ForwardedHeaders.APPEND;
    String hop = append ? peer.text() : request.client().text();
    String host = request.authority();
    String port = Integer.toString(peer.localPort());
    field(out, edits, X_FORWARDED_FOR, append ? appended(received, X_FORWARDED_FOR, hop) : hop);
    field(out, edits, X_FORWARDED_PROTO, kept(append, received, X_FORWARDED_PROTO, peer.scheme()));
    if (host != null) {
      field(out, edits, X_FORWARDED_HOST, kept(append, received, X_FORWARDED_HOST, host));
    }
    field(out, edits, X_FORWARDED_PORT, kept(append, received, X_FORWARDED_PORT, port));
    field(out, edits, X_REAL_IP, request.client().text());
    String element = element(hop, host, peer.scheme());
    field(out, edits, FORWARDED, append ? appended(received, FORWARDED, element) : element);
    field(out, edits, X_REQUEST_ID, request.id());
  }

  /** Writes a field, unless the policy sets or removes it. */
  private static void field(ByteBuf out, HeaderEdits edits, AsciiString name, String value) {
    if (!AnswerFields.isEdited(name, edits)) {
      Head.field(out, name, value);
    }
  }

  private static String element(String hop, @Nullable String host, String scheme) {
    StringBuilder element = new StringBuilder(64).append("for=");
    if (hop.indexOf(':') >= 0) {
      element.append("\"[").append(hop).append("]\"");
    } else {
      element.append(hop);
    }
    if (host != null) {
      boolean token = host.indexOf(':') < 0;
      element.append(";host=").append(token ? "" : "\"").append(host).append(token ? "" : "\"");
    }
    return element.append(";proto=").append(scheme).toString();
  }

  private static String kept(boolean append, HttpHeaders received, AsciiString name, String ours) {
    if (append) {
      String theirs = received.get(name);
      if (theirs != null && !theirs.isEmpty()) {
        return theirs;
      }
    }
    return ours;
  }

  private static String appended(HttpHeaders received, AsciiString name, String ours) {
    List<String> earlier = received.getAll(name);
    return earlier.isEmpty() ? ours : String.join(", ", earlier) + ", " + ours;
  }
}
