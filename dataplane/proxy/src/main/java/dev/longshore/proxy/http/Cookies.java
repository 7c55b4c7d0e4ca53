package dev.longshore.proxy.http;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads one cookie of a request as RFC 6265 §5.4 writes it, and decodes nothing: pairs are between
 * semicolons, quotes are bytes like others. So what is found is what a browser was told to send, or
 * is a value that nobody knows.
 */
final class Cookies {
  /** A client with more of one name has no use for them. */
  static final int MOST = 16;

  private Cookies() {}

  /**
   * The values of a cookie, in order, at most {@link #MOST}.
   *
   * @param fields the Cookie headers; RFC 6265 wants one, RFC 9113 allows several
   * @param name case-sensitive
   */
  static List<String> values(List<String> fields, String name) {
    List<String> values = List.of();
    for (int i = 0; i < fields.size(); i++) {
      String field = fields.get(i);
      int start = 0;
      while (start < field.length() && values.size() < MOST) {
        int end = field.indexOf(';', start);
        end = end < 0 ? field.length() : end;
        int from = skipBlanks(field, start, end);
        int equals = from + name.length();
        if (equals < end && field.charAt(equals) == '=' && field.startsWith(name, from)) {
          values = values.isEmpty() ? new ArrayList<>(1) : values;
          values.add(field.substring(equals + 1, end).strip());
        }
        start = end + 1;
      }
    }
    return values;
  }

  private static int skipBlanks(String field, int start, int end) {
    int at = start;
    while (at < end && (field.charAt(at) == ' ' || field.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }
}
