package dev.longshore.proxy.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One element of Forwarded (RFC 7239 §4): what one proxy says of the hop before it.
 *
 * @param node its {@code for}; null: not said
 * @param host its {@code host}; null: not said
 * @param proto its {@code proto}; null: not said
 */
record ForwardedElement(@Nullable String node, @Nullable String host, @Nullable String proto) {

  /**
   * Reads the elements over all lines, in order, in one pass. Empty when a character stands where
   * the grammar has none: nobody knows what such a field means to others.
   */
  static List<ForwardedElement> read(List<String> lines) {
    List<ForwardedElement> elements = new ArrayList<>(2);
    for (String line : lines) {
      if (!new Reader(line).read(elements)) {
        return List.of();
      }
    }
    return elements;
  }

  /** Reads one line. */
  private static final class Reader {
    private final String line;
    private int at;
    private @Nullable String node;
    private @Nullable String host;
    private @Nullable String proto;
    private boolean any;

    Reader(String line) {
      this.line = line;
    }

    boolean read(List<ForwardedElement> to) {
      while (true) {
        skipBlanks();
        if (at == line.length()) {
          end(to);
          return true;
        }
        char c = line.charAt(at);
        if (c == ',') {
          end(to);
          at++;
        } else if (c == ';') {
          at++;
        } else if (!pair()) {
          return false;
        }
      }
    }

    private void end(List<ForwardedElement> to) {
      if (any) {
        to.add(new ForwardedElement(node, host, proto));
      }
      node = null;
      host = null;
      proto = null;
      any = false;
    }

    /** A name twice in one element could be read in two ways (RFC 7239 §4). */
    private boolean pair() {
      int equals = at;
      while (equals < line.length() && isToken(line.charAt(equals))) {
        equals++;
      }
      if (equals == at || equals == line.length() || line.charAt(equals) != '=') {
        return false;
      }
      String name = line.substring(at, equals).toLowerCase(Locale.ROOT);
      at = equals + 1;
      String value = value();
      if (value == null) {
        return false;
      }
      any = true;
      return switch (name) {
        case "for" -> {
          boolean first = node == null;
          node = value;
          yield first;
        }
        case "host" -> {
          boolean first = host == null;
          host = value;
          yield first;
        }
        case "proto" -> {
          boolean first = proto == null;
          proto = value;
          yield first;
        }
        default -> true;
      };
    }

    private @Nullable String value() {
      if (at < line.length() && line.charAt(at) == '"') {
        return quoted();
      }
      int start = at;
      // More than a token, for many write addresses and ports without the quotes.
      while (at < line.length() && ",; \t\"".indexOf(line.charAt(at)) < 0) {
        at++;
      }
      return at == start ? null : line.substring(start, at);
    }

    private @Nullable String quoted() {
      StringBuilder text = new StringBuilder();
      for (int i = at + 1; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c == '"') {
          at = i + 1;
          return text.toString();
        }
        if (c == '\\' && ++i == line.length()) {
          return null;
        }
        text.append(line.charAt(i));
      }
      return null;
    }

    private void skipBlanks() {
      while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
        at++;
      }
    }

    private static boolean isToken(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }
}
