package dev.longshore.proxy.fields;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Comma-separated lists in header fields (RFC 9110 §5.6.1), over several lines of one name. */
public final class Tokens {
  private Tokens() {}

  /** The members in order, without empty ones and without whitespace around them. */
  public static List<String> of(List<String> values) {
    if (values.isEmpty()) {
      return List.of();
    }
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

  /** The first member; null: there is none. */
  public static @Nullable String first(List<String> values) {
    for (String value : values) {
      int start = 0;
      while (start <= value.length()) {
        int comma = value.indexOf(',', start);
        int end = comma < 0 ? value.length() : comma;
        String token = value.substring(start, end).strip();
        if (!token.isEmpty()) {
          return token;
        }
        start = end + 1;
      }
    }
    return null;
  }

  /** The last members in order, not more than {@code most}. */
  public static List<String> last(List<String> values, int most) {
    List<String> tokens = of(values);
    return tokens.size() > most ? tokens.subList(tokens.size() - most, tokens.size()) : tokens;
  }

  /** Whether there are more than {@code most} members, empty ones included. */
  public static boolean exceed(List<String> values, int most) {
    int members = values.size();
    for (String value : values) {
      for (int i = value.indexOf(','); i >= 0 && members <= most; i = value.indexOf(',', i + 1)) {
        members++;
      }
    }
    return members > most;
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
