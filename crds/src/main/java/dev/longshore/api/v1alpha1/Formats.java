package dev.longshore.api.v1alpha1;

/** The patterns and bounds that several fields share, as the schema states them. */
final class Formats {
  /** A Gateway API duration (GEP-2257): up to four numbers, each with its unit. */
  static final String DURATION = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

  static final int DURATION_MAX = 28;

  /** Bytes: an integer, optionally with a suffix; small enough to fit a signed 64-bit number. */
  static final String BYTES = "^[0-9]{1,9}(k|M|G|Ki|Mi|Gi)?$";

  static final int BYTES_MAX = 11;

  /** A host name, or one wildcard label before one. */
  static final String HOST =
      "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  /** A host name, one wildcard label before one, or every name. */
  static final String HOST_OR_ALL =
      "^(\\*|(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$";

  /** A host name without a wildcard. */
  static final String EXACT_HOST =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  static final int HOST_MAX = 253;

  /** A host name without a wildcard, optionally with a port: what may stand in a Host header. */
  static final String AUTHORITY =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[0-9]{1,5})?$";

  static final int AUTHORITY_MAX = 259;

  /** The name of a Kubernetes object (RFC 1123 subdomain). */
  static final String OBJECT_NAME = EXACT_HOST;

  static final int OBJECT_NAME_MAX = 253;

  /** A key of a Secret's or ConfigMap's data. */
  static final String DATA_KEY = "^[-._a-zA-Z0-9]+$";

  static final int DATA_KEY_MAX = 253;

  /** A name inside a resource, and the name of a Service or namespace (RFC 1123 label). */
  static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  static final int LABEL_MAX = 63;

  /** A token (RFC 9110 section 5.6.2): header names, cookie names, subprotocols. */
  static final String TOKEN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

  static final int TOKEN_MAX = 128;

  /** A header value without control characters. */
  static final String HEADER_VALUE = "^[\\t\\x20-\\x7E]*$";

  static final int HEADER_VALUE_MAX = 4096;

  static final int CONTENT_TYPE_MAX = 256;

  /** The headers, besides Sec-WebSocket-*, that the data plane keeps itself, as a CEL list. */
  static final String OWN_HEADERS =
      "['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive',"
          + " 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']";

  /** An absolute path without query, fragment, backslash, blanks and control characters. */
  static final String PATH = "^/[\\x21\\x22\\x24-\\x3E\\x40-\\x5B\\x5D-\\x7E]*$";

  static final int PATH_MAX = 1024;

  /** An IPv4 or IPv6 address; whether it is one is checked by a rule or by the operator. */
  static final String ADDRESS = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$";

  static final int ADDRESS_MAX = 45;

  /** An address range with its prefix length. */
  static final String CIDR =
      "^([0-9]{1,3}(\\.[0-9]{1,3}){3}/([0-9]|[12][0-9]|3[0-2])"
          + "|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$";

  static final int CIDR_MAX = 49;

  /** A serialized origin (RFC 6454 section 6.2), where a host may begin with one wildcard label. */
  static final String ORIGIN =
      "^[a-z][a-z0-9+.-]*://((\\*\\.)?[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?"
          + "(\\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*|\\[[0-9a-f:.]+\\])(:[0-9]{1,5})?$";

  /** A serialized origin, or all of them. */
  static final String ORIGIN_OR_ALL = "^\\*$|" + ORIGIN;

  static final int ORIGIN_MAX = 280;

  private Formats() {}
}
