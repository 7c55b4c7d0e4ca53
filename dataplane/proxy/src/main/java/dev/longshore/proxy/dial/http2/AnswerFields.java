package dev.longshore.proxy.dial.http2;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.multiplex.FieldRules;
import dev.longshore.proxy.multiplex.ReceivedFields;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;

/**
 * Reads the header list of an answer (RFC 9113 §8.2, §8.3.2). Stricter than the RFC where a field
 * goes on by HTTP/1.1: whatever could end a line there, or be read in two ways, is malformed here.
 */
final class AnswerFields {
  private static final String STATUS = ":status";

  private AnswerFields() {}

  /** The head of an answer, interim ones too. */
  record Head(int status, HttpHeaders fields) {}

  /** The answer breaks the rules; the message says which, for operators. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      // What came is to blame, and no line of ours.
      super(message, null, false, false);
    }
  }

  /** Reads a head. */
  static Head head(Http2Headers list) throws MalformedException {
    if (ReceivedFields.areDisordered(list)) {
      throw new MalformedException("a pseudo-header field behind another field");
    }
    HttpHeaders fields = headers();
    int status = 0;
    int count = 0;
    for (Map.Entry<CharSequence, CharSequence> field : list) {
      CharSequence name = field.getKey();
      if (name.length() > 0 && name.charAt(0) == ':') {
        if (!AsciiString.contentEquals(name, STATUS) || status != 0) {
          throw new MalformedException("a pseudo-header field that may not be there");
        }
        status = status(field.getValue());
      } else {
        count++;
        add(fields, name, field.getValue(), count);
      }
    }
    if (status == 0) {
      throw new MalformedException("no :status");
    }
    return new Head(status, fields);
  }

  /** Reads trailers. */
  static HttpHeaders trailers(Http2Headers list) throws MalformedException {
    HttpHeaders fields = headers();
    int count = 0;
    for (Map.Entry<CharSequence, CharSequence> field : list) {
      count++;
      add(fields, field.getKey(), field.getValue(), count);
    }
    return fields;
  }

  private static HttpHeaders headers() {
    return DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
  }

  private static void add(HttpHeaders to, CharSequence name, CharSequence value, int count)
      throws MalformedException {
    if (count > HardLimits.ANSWER_FIELDS) {
      throw new MalformedException("the answer has too many fields");
    }
    if (!FieldRules.isName(name)) {
      throw new MalformedException("a field's name is not a token in lower case");
    }
    if (!FieldRules.isValue(value)) {
      throw new MalformedException(
          "the value of a field has a control character, or blanks at its ends");
    }
    if (isOfConnection(name)) {
      throw new MalformedException("a field of the connection, which HTTP/2 does not have");
    }
    to.add(name, value);
  }

  private static int status(CharSequence text) throws MalformedException {
    int status = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        status = 0;
        break;
      }
      status = status * 10 + digit;
    }
    if (text.length() != 3 || status < 100) {
      throw new MalformedException(":status is not three digits from 100");
    }
    if (status == 101) {
      // RFC 9113 §8.6.
      throw new MalformedException("101, which HTTP/2 does not have");
    }
    return status;
  }

  /**
   * The length that it says its body has; -1: it says none.
   *
   * @throws MalformedException it says several, or no number
   */
  static long length(HttpHeaders fields) throws MalformedException {
    List<String> values = fields.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (values.isEmpty()) {
      return -1;
    }
    String first = values.getFirst();
    boolean number = values.size() == 1 && !first.isEmpty() && first.length() <= 18;
    long length = 0;
    for (int i = 0; number && i < first.length(); i++) {
      int digit = first.charAt(i) - '0';
      number = digit >= 0 && digit <= 9;
      length = length * 10 + digit;
    }
    if (!number) {
      throw new MalformedException("content-length is not one number");
    }
    return length;
  }

  /** RFC 9113 §8.2.2; TE is of requests alone. */
  private static boolean isOfConnection(CharSequence name) {
    return FieldRules.isOfConnection(name) || AsciiString.contentEquals(name, "te");
  }
}
