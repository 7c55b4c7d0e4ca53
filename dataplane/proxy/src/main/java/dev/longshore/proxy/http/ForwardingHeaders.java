package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.net.AddressText;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;

/**
 * X-Forwarded-*, X-Real-IP, Forwarded (RFC 7239) and X-Request-Id of a request on its way upstream,
 * all of them written from one decision ({@link ClientIdentity}, {@link RequestedAs}): frameworks
 * differ in which of them they read, and where two say different things, somebody is wrong. What an
 * untrusted peer sent of them is replaced; the chain of hops that a trusted one sent is appended
 * to, unless the setting says replace. They are written after everything else was filtered, so that
 * no Connection header can take them away (CVE-2024-45410).
 */
final class ForwardingHeaders {
  /** The scheme in other words: {@code on} or {@code off}. */
  private static final List<AsciiString> SECURE =
      List.of(AsciiString.cached("X-Forwarded-Ssl"), AsciiString.cached("Front-End-Https"));

  /** The scheme by other names. */
  private static final List<AsciiString> SCHEME =
      List.of(
          AsciiString.cached("X-Forwarded-Scheme"),
          AsciiString.cached("X-Forwarded-Protocol"),
          AsciiString.cached("X-Scheme"),
          AsciiString.cached("X-Url-Scheme"));

  private static final AsciiString X_REAL_IP = AsciiString.cached("X-Real-IP");

  private ForwardingHeaders() {}

  static void write(
      FieldSink out, ClientRequest request, ForwardedHeaders mode, HeaderEdits edits) {
    ClientIdentity client = request.client();
    RequestedAs asked = request.asked();
    String host = asked.host();
    boolean append = client.peerTrusted() && mode == ForwardedHeaders.APPEND;
    field(out, edits, ForwardingNames.X_FORWARDED_FOR, append ? chain(request) : client.text());
    field(out, edits, ForwardingNames.X_FORWARDED_PROTO, asked.scheme());
    if (host != null) {
      field(out, edits, ForwardingNames.X_FORWARDED_HOST, host);
    }
    field(out, edits, ForwardingNames.X_FORWARDED_PORT, Integer.toString(asked.port()));
    if (client.peerTrusted()) {
      HttpHeaders received = request.headers();
      // Only where somebody relies on them, for they say the same once more.
      again(out, edits, received, SECURE, asked.secure() ? "on" : "off");
      again(out, edits, received, SCHEME, asked.scheme());
    }
    field(out, edits, X_REAL_IP, client.text());
    field(
        out,
        edits,
        ForwardingNames.FORWARDED,
        append ? forwardedChain(request) : element(client.text(), asked));
    field(out, edits, RequestIds.FIELD, request.id());
  }

  private static void again(
      FieldSink out,
      HeaderEdits edits,
      HttpHeaders received,
      List<AsciiString> names,
      String value) {
    for (AsciiString name : names) {
      if (received.contains(name)) {
        field(out, edits, name, value);
      }
    }
  }

  /** Writes a field, unless the policy sets or removes it. */
  private static void field(FieldSink out, HeaderEdits edits, AsciiString name, String value) {
    if (!Edits.touch(name, edits)) {
      out.field(name, value);
    }
  }

  private static String chain(ClientRequest request) {
    List<String> hops = request.client().hops();
    String peer = request.peer().text();
    if (hops.isEmpty()) {
      return peer;
    }
    StringBuilder chain = new StringBuilder(64);
    boolean theirs = request.client().forwarded() == null;
    for (String hop : hops) {
      chain.append(theirs ? hop : plain(hop)).append(", ");
    }
    return chain.append(peer).toString();
  }

  /** A node of Forwarded as X-Forwarded-For has it: without port and brackets. */
  private static String plain(String node) {
    InetAddress address = AddressText.parse(node);
    return address == null ? "unknown" : AddressText.of(address);
  }

  /** The same hops; what the client asked for stands beside the client. */
  private static String forwardedChain(ClientRequest request) {
    ClientIdentity client = request.client();
    List<String> hops = client.hops();
    StringBuilder chain = new StringBuilder(64);
    for (int i = 0; i <= hops.size(); i++) {
      chain.append(i == 0 ? "for=" : ", for=");
      node(chain, i == hops.size() ? request.peer().text() : plain(hops.get(i)));
      if (i == client.clientHop()) {
        askedFor(chain, request.asked());
      }
    }
    return chain.toString();
  }

  private static String element(String address, RequestedAs asked) {
    StringBuilder element = new StringBuilder(64).append("for=");
    node(element, address);
    askedFor(element, asked);
    return element.toString();
  }

  private static void node(StringBuilder to, String text) {
    if (NetUtil.isValidIpV6Address(text)) {
      to.append("\"[").append(text).append("]\"");
    } else {
      to.append(text);
    }
  }

  private static void askedFor(StringBuilder to, RequestedAs asked) {
    String host = asked.host();
    if (host != null) {
      boolean token = host.indexOf(':') < 0;
      to.append(";host=").append(token ? "" : "\"").append(host).append(token ? "" : "\"");
    }
    to.append(";proto=").append(asked.scheme());
  }
}
