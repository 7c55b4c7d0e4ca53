package dev.longshore.proxy.http2;

import dev.longshore.proxy.multiplex.FieldRules;
import dev.longshore.proxy.multiplex.ReceivedFields;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as HTTP/2 has it, checked for its form (RFC 9113 §8.3.1). Crumbs of cookies
 * are one field again (§8.2.3), and the authority is Host, once.
 */
final class RequestHead {
  private static final AsciiString COOKIE = HttpHeaderNames.COOKIE;
  private static final int PER_LINE = 4;
  private static final int LINE = " HTTP/1.1\r\n".length();

  private final HttpHeaders fields =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
  private @Nullable String method;
  private @Nullable String scheme;
  private @Nullable String authority;
  private @Nullable String path;
  private @Nullable String protocol;
  private @Nullable String host;
  private @Nullable StringBuilder crumbs;
  private @Nullable String cookie;
  private int bytes;
  private int lines;

  private @Nullable String fault;

  private RequestHead() {}

  /** Reads it; what is wrong with it, {@link #fault} says. */
  static RequestHead of(Http2Headers list) {
    RequestHead head = new RequestHead();
    if (ReceivedFields.areDisordered(list)) {
      head.fault = "a pseudo-header field comes behind others";
      return head;
    }
    for (Map.Entry<CharSequence, CharSequence> field : list) {
      head.fault = head.add(field.getKey(), field.getValue());
      if (head.fault != null) {
        return head;
      }
    }
    head.fault = head.complete();
    return head;
  }

  private @Nullable String add(CharSequence name, CharSequence value) {
    bytes += name.length() + value.length() + PER_LINE;
    lines++;
    if (!FieldRules.isValue(value)) {
      return "a field value has a control character, or whitespace at an end";
    }
    if (name.length() > 0 && name.charAt(0) == ':') {
      return pseudo(name, value.toString());
    }
    if (!FieldRules.isName(name)) {
      return "a field name is not a token in lower case";
    }
    if (FieldRules.isOfConnection(name)) {
      return "a field is one of connections, of which HTTP/2 has none";
    }
    if (FieldRules.isForbiddenTe(name, value)) {
      return "TE is not 'trailers'";
    }
    if (HttpHeaderNames.HOST.contentEquals(name)) {
      if (host != null) {
        return "there are several Host fields";
      }
      host = value.toString();
    } else if (COOKIE.contentEquals(name)) {
      crumb(value.toString());
    } else {
      fields.add(name, value.toString());
    }
    return null;
  }

  private void crumb(String value) {
    if (cookie == null) {
      cookie = value;
      return;
    }
    StringBuilder all = crumbs;
    if (all == null) {
      all = new StringBuilder(cookie);
      crumbs = all;
    }
    all.append("; ").append(value);
  }

  private @Nullable String pseudo(CharSequence name, String value) {
    String before;
    switch (name.toString()) {
      case ":method" -> {
        before = method;
        method = value;
      }
      case ":scheme" -> {
        before = scheme;
        scheme = value;
      }
      case ":authority" -> {
        before = authority;
        authority = value;
      }
      case ":path" -> {
        before = path;
        path = value;
      }
      case ":protocol" -> {
        before = protocol;
        protocol = value;
      }
      default -> {
        return "there is an unknown pseudo-header field";
      }
    }
    return before == null ? null : "a pseudo-header field comes twice";
  }

  private @Nullable String complete() {
    if (method == null || !FieldRules.isToken(method)) {
      return ":method is missing, or no token";
    }
    if (method.equals("PRI")) {
      // To a backend of HTTP/1.1 it would be how HTTP/2 begins (RFC 9113 §11.7).
      return ":method is PRI, which is none of a request";
    }
    boolean connect = method.equals("CONNECT");
    if (connect && protocol == null) {
      if (scheme != null || path != null || authority == null) {
        return "CONNECT has a :scheme or :path, or no :authority";
      }
    } else if (protocol != null && !connect) {
      return ":protocol is for CONNECT only";
    } else if (scheme == null || !isScheme(scheme)) {
      return ":scheme is missing, or not http or https";
    } else if (path == null || path.isEmpty() || !isPath(path)) {
      return ":path is missing, or not a path";
    }
    if (authority != null && host != null && !authority.equalsIgnoreCase(host)) {
      return ":authority and Host differ";
    }
    String asked = authority == null ? host : authority;
    if (asked != null) {
      fields.add(HttpHeaderNames.HOST, asked);
    }
    if (cookie != null) {
      fields.add(COOKIE, crumbs == null ? cookie : crumbs.toString());
    }
    return null;
  }

  private static boolean isScheme(String scheme) {
    return scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("http");
  }

  /** The absolute form of HTTP/1.1 would name another host than the authority does. */
  private boolean isPath(String target) {
    return target.charAt(0) == '/' || (target.equals("*") && "OPTIONS".equals(method));
  }

  /** What makes it malformed; null: nothing. */
  @Nullable String fault() {
    return fault;
  }

  /** A token; empty when there is none. */
  String method() {
    return method == null ? "" : method;
  }

  /** {@code :path}; empty when there is none. */
  String path() {
    return path == null ? "" : path;
  }

  /** What a CONNECT asks for instead of TCP (RFC 8441); null: nothing. */
  @Nullable String protocol() {
    return protocol;
  }

  /** All fields but pseudo-header fields, with Host. */
  HttpHeaders fields() {
    return fields;
  }

  /** What its target would take of a request line of HTTP/1.1. */
  int lineBytes() {
    return method().length() + 1 + path().length() + LINE;
  }

  /** What its fields would take of a header block of HTTP/1.1. */
  int bytes() {
    return bytes;
  }

  /** Its fields, pseudo-header fields included. */
  int lines() {
    return lines;
  }

  /** The fields behind a body; null: they are malformed. */
  static @Nullable HttpHeaders trailers(Http2Headers list) {
    HttpHeaders trailers = new DefaultHttpHeaders();
    for (Map.Entry<CharSequence, CharSequence> field : list) {
      CharSequence name = field.getKey();
      CharSequence value = field.getValue();
      if (!FieldRules.isName(name)
          || !FieldRules.isValue(value)
          || FieldRules.isOfConnection(name)) {
        return null;
      }
      trailers.add(name, value.toString());
    }
    return trailers;
  }
}
