package dev.longshore.proxy.http;

import java.util.ArrayList;
import java.util.List;

/** Comma-separated lists in header fields (RFC 9110 §5.6.1), over several lines of one name. */
public final class Tokens {
  private Tokens() {}

  /** The members in order, without empty ones and without whitespace around them. */
  public static List<String> of(List<String> values) {
    List<String> tokens = new ArrayList<>(4);
    for (String value : values) {
      int start = 0;
      while (start <= value.length()) {
        int comma = value.indexOf(',', start);
        int end = comma < 0 ? value.length() : comma;
        String token = value.substring(start, end).strip();
        if (!token.isEmpty()) {
          tokens.add(token);
        }
        start = end + 1;
      }
    }
    return tokens;
  }

  /** Whether one of the members is {@code token}, in any case. */
  public static boolean contain(List<String> values, String token) {
    if (values.size() == 1 && values.getFirst().equalsIgnoreCase(token)) {
      return true;
    }
    for (String member : of(values)) {
      if (member.equalsIgnoreCase(token)) {
        return true;
      }
    }
    return false;
  }
}
