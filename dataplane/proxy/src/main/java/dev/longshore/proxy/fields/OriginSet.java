package dev.longshore.proxy.fields;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The origins that may connect (RFC 6454). Scheme, host and port are compared; case does not matter
 * in the first two, and a default port is the same as none. {@code https://*.example.com} stands
 * for one label. {@code null} is nobody, and an entry that can't be read allows nobody.
 */
public final class OriginSet {
  private final List<Origin> origins;
  private final boolean checked;

  private OriginSet(List<Origin> origins, boolean checked) {
    this.origins = origins;
    this.checked = checked;
  }

  /** The origins of a policy; empty: everybody may. */
  public static OriginSet of(List<String> origins) {
    return new OriginSet(
        origins.stream()
            .map(Origin::parse)
            .<Origin>mapMulti(
                (origin, sink) -> {
                  if (origin != null) {
                    sink.accept(origin);
                  }
                })
            .toList(),
        !origins.isEmpty());
  }

  /**
   * Whether a request may pass.
   *
   * @param origin the one value of the Origin header; null when there is none, which means that it
   *     is not from a browser, and passes
   */
  public boolean allows(@Nullable String origin) {
    if (!checked || origin == null) {
      return true;
    }
    Origin asked = Origin.parse(origin);
    if (asked == null || asked.wildcard) {
      return false;
    }
    for (Origin allowed : origins) {
      if (allowed.covers(asked)) {
        return true;
      }
    }
    return false;
  }

  /**
   * An origin taken apart.
   *
   * @param text lower case
   * @param schemeEnd where the colon behind the scheme is
   * @param hostStart where the host begins, or what follows the {@code *} of a wildcard
   * @param hostEnd where it ends
   * @param port 1 to 65535, or 0 where the scheme has no default
   * @param wildcard whether one more label comes before {@code hostStart}
   */
  private record Origin(
      String text, int schemeEnd, int hostStart, int hostEnd, int port, boolean wildcard) {

    static @Nullable Origin parse(String written) {
      String text = lowerCase(written);
      int schemeEnd = text == null ? -1 : text.indexOf("://");
      if (text == null || schemeEnd <= 0) {
        return null;
      }
      int start = schemeEnd + 3;
      int end = start;
      if (text.startsWith("[", start)) {
        end = text.indexOf(']', start) + 1;
      } else {
        while (end < text.length() && text.charAt(end) != ':') {
          end++;
        }
      }
      int port = port(text, schemeEnd, end);
      boolean wildcard = text.startsWith("*.", start);
      int hostStart = wildcard ? start + 1 : start;
      return end - hostStart < 1 || port < 0
          ? null
          : new Origin(text, schemeEnd, hostStart, end, port, wildcard);
    }

    /** Null when a character can't be in an origin: beyond ASCII, blank, or of a path. */
    private static @Nullable String lowerCase(String written) {
      StringBuilder lower = null;
      for (int i = 0; i < written.length(); i++) {
        char c = written.charAt(i);
        if (c <= ' ' || c >= 0x7f || c == '@' || c == '\\' || c == '?' || c == '#') {
          return null;
        }
        if (c >= 'A' && c <= 'Z') {
          lower = lower == null ? new StringBuilder(written) : lower;
          lower.setCharAt(i, (char) (c + 0x20));
        }
      }
      int authority = written.indexOf("://") + 3;
      if (written.indexOf('/', authority) >= 0) {
        return null;
      }
      return lower == null ? written : lower.toString();
    }

    /** -1 when it is no port. */
    private static int port(String text, int schemeEnd, int hostEnd) {
      if (hostEnd <= 0) {
        return -1;
      }
      if (hostEnd == text.length()) {
        return defaultPort(text, schemeEnd);
      }
      int length = text.length() - hostEnd - 1;
      if (text.charAt(hostEnd) != ':' || length < 1 || length > 5) {
        return -1;
      }
      int port = 0;
      for (int i = hostEnd + 1; i < text.length(); i++) {
        int digit = text.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return -1;
        }
        port = port * 10 + digit;
      }
      return port >= 1 && port <= 65535 ? port : -1;
    }

    private static int defaultPort(String text, int schemeEnd) {
      return switch (schemeEnd) {
        case 2 -> text.startsWith("ws") ? 80 : 0;
        case 3 -> text.startsWith("wss") ? 443 : 0;
        case 4 -> text.startsWith("http") ? 80 : 0;
        case 5 -> text.startsWith("https") ? 443 : 0;
        default -> 0;
      };
    }

    boolean covers(Origin asked) {
      if (port != asked.port
          || schemeEnd != asked.schemeEnd
          || !text.regionMatches(0, asked.text, 0, schemeEnd)) {
        return false;
      }
      int start = asked.hostStart;
      if (wildcard) {
        start = asked.text.indexOf('.', start);
        if (start <= asked.hostStart || start >= asked.hostEnd) {
          return false;
        }
      }
      int length = hostEnd - hostStart;
      return length == asked.hostEnd - start
          && text.regionMatches(hostStart, asked.text, start, length);
    }
  }
}
