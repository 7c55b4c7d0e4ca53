package dev.longshore.proxy.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a message as it came.
 *
 * @param start request or status line
 * @param fields header fields in order
 * @param text all of it, to the empty line
 */
public record HttpHead(String start, List<Field> fields, String text) {

  /**
   * A header field.
   *
   * @param name as it came
   * @param value without whitespace around it
   */
  public record Field(String name, String value) {}

  static HttpHead parse(String text) {
    String[] lines = text.split("\r\n", -1);
    List<Field> fields = new ArrayList<>();
    for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("no colon in '" + lines[i] + "'");
      }
      fields.add(new Field(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
    }
    return new HttpHead(lines[0], List.copyOf(fields), text);
  }

  /** Status code of a response. */
  public int status() {
    return Integer.parseInt(start.split(" ", -1)[1]);
  }

  /** Target of a request. */
  public String target() {
    return start.split(" ", -1)[1];
  }

  /** All values of a name, in any case. */
  public List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** The first value of a name; null when there is none. */
  public @Nullable String first(String name) {
    List<String> values = all(name);
    return values.isEmpty() ? null : values.getFirst();
  }

  /** Whether there is a field of that name, in any case. */
  public boolean has(String name) {
    return !all(name).isEmpty();
  }
}
