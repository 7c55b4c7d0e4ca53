package dev.longshore.proxy.fields;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the Connection header of a message says (RFC 9110 §7.6.1).
 *
 * @param upgrade has the token {@code upgrade}
 * @param close has the token {@code close}
 * @param keepAlive has the token {@code keep-alive}
 * @param nominated the other tokens, lower-case: header fields that end at this hop. A set, for a
 *     header block can name thousands, and each of its fields is looked for
 */
public record ConnectionOptions(
    boolean upgrade, boolean close, boolean keepAlive, Set<String> nominated) {
  private static final ConnectionOptions NONE =
      new ConnectionOptions(false, false, false, Set.of());
  private static final ConnectionOptions UPGRADE =
      new ConnectionOptions(true, false, false, Set.of());
  private static final ConnectionOptions CLOSE =
      new ConnectionOptions(false, true, false, Set.of());
  private static final ConnectionOptions KEEP_ALIVE =
      new ConnectionOptions(false, false, true, Set.of());

  public static ConnectionOptions of(HttpHeaders headers) {
    List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
    if (values.isEmpty()) {
      return NONE;
    }
    if (values.size() == 1) {
      String value = values.getFirst();
      if (AsciiString.contentEqualsIgnoreCase(value, "upgrade")) {
        return UPGRADE;
      }
      if (AsciiString.contentEqualsIgnoreCase(value, "close")) {
        return CLOSE;
      }
      if (AsciiString.contentEqualsIgnoreCase(value, "keep-alive")) {
        return KEEP_ALIVE;
      }
    }
    return parse(values);
  }

  private static ConnectionOptions parse(List<String> values) {
    boolean upgrade = false;
    boolean close = false;
    boolean keepAlive = false;
    Set<String> nominated = new HashSet<>();
    for (String token : Tokens.of(values)) {
      String option = token.toLowerCase(Locale.ROOT);
      switch (option) {
        case "upgrade" -> upgrade = true;
        case "close" -> close = true;
        case "keep-alive" -> keepAlive = true;
        default -> nominated.add(option);
      }
    }
    return new ConnectionOptions(upgrade, close, keepAlive, nominated);
  }

  /** Whether the sender asked that a header field ends at this hop. */
  public boolean nominates(CharSequence name) {
    return !nominated.isEmpty() && nominated.contains(name.toString().toLowerCase(Locale.ROOT));
  }
}
