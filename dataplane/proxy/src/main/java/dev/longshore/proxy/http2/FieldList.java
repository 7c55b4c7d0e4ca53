package dev.longshore.proxy.http2;

import dev.longshore.proxy.http.FieldSink;
import dev.longshore.proxy.multiplex.FieldRules;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;

/**
 * The fields of a head on their way to a peer of HTTP/2: names in lower case, and without those of
 * a connection. What comes here was checked when it was read, or is our own.
 */
final class FieldList implements FieldSink {
  private final Http2Headers fields = new DefaultHttp2Headers(false);

  /** The list itself, for pseudo-header fields, which have to be added before all others. */
  Http2Headers fields() {
    return fields;
  }

  /** The same one, with these behind its own. */
  FieldList with(HttpHeaders more) {
    Iterator<Map.Entry<CharSequence, CharSequence>> each = more.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = each.next();
      field(field.getKey(), field.getValue());
    }
    return this;
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    if (!FieldRules.isOfConnection(name) && FieldRules.isToken(name)) {
      fields.add(AsciiString.of(name).toLowerCase(), value);
    }
  }
}
