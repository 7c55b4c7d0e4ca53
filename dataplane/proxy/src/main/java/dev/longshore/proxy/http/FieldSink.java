package dev.longshore.proxy.http;

/**
 * Takes the fields of a head one after the other. So they are written once, whatever they become:
 * bytes of HTTP/1, or the header list of a later protocol.
 */
public interface FieldSink {
  /** A field; name and value are well-formed, the name in any case. */
  void field(CharSequence name, CharSequence value);
}
