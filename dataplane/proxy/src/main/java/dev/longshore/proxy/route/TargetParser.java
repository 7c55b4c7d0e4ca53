package dev.longshore.proxy.route;

import dev.longshore.proxy.route.RequestTarget.Accepted;
import dev.longshore.proxy.route.RequestTarget.Rejected;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads request targets. One pass over the characters finds out that nothing has to be normalised,
 * which is the usual case and copies nothing; otherwise the path is taken apart element by element.
 */
final class TargetParser {
  private static final String NAME_CHARACTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

  private static final Rejected EMPTY = new Rejected("the request target is empty");
  private static final Rejected FORM =
      new Rejected("the request target is neither a path nor an http or https URI");
  private static final Rejected BYTES =
      new Rejected("control bytes, spaces and bytes beyond ASCII must be percent-encoded");
  private static final Rejected FRAGMENT = new Rejected("a request target has no fragment");
  private static final Rejected BACKSLASH = new Rejected("the path contains a backslash");
  private static final Rejected ESCAPE = new Rejected("the path has a bad percent escape");
  private static final Rejected ENCODED_CONTROL =
      new Rejected("the path contains an encoded control byte");
  private static final Rejected ENCODED_DOTS =
      new Rejected("the path contains a dot segment beside an encoded slash or backslash");
  private static final Rejected DOTS_WITH_PARAMETERS =
      new Rejected("the path contains '..' with parameters");
  private static final Rejected AUTHORITY =
      new Rejected("the request target has no valid host and port");
  private static final Accepted ASTERISK = new Accepted("*", "*", null, "*", null);

  static RequestTarget parse(String raw) {
    if (raw.isEmpty()) {
      return EMPTY;
    }
    if (raw.charAt(0) == '/') {
      return originForm(raw, 0, null);
    }
    if (raw.equals("*")) {
      return ASTERISK;
    }
    return absoluteForm(raw);
  }

  private static RequestTarget absoluteForm(String raw) {
    int start;
    if (raw.regionMatches(true, 0, "http://", 0, 7)) {
      start = 7;
    } else if (raw.regionMatches(true, 0, "https://", 0, 8)) {
      start = 8;
    } else {
      return FORM;
    }
    int end = start;
    while (end < raw.length() && "/?#".indexOf(raw.charAt(end)) < 0) {
      end++;
    }
    String written = raw.substring(start, end);
    if (!isAuthority(written)) {
      return AUTHORITY;
    }
    String authority = written.toLowerCase(Locale.ROOT);
    if (end == raw.length() || raw.charAt(end) != '/') {
      // An empty path is the root (RFC 9112 §3.2.1).
      return originForm("/" + raw.substring(end), 0, authority);
    }
    return originForm(raw, end, authority);
  }

  /** Host and optional port, without userinfo (RFC 9110 §4.2.4: a likely attack). */
  private static boolean isAuthority(String authority) {
    int end;
    if (authority.startsWith("[")) {
      end = authority.indexOf(']') + 1;
      if (end < 4 || !consistsOf(authority, 1, end - 1, "0123456789abcdefABCDEF:.")) {
        return false;
      }
    } else {
      end = authority.indexOf(':');
      end = end < 0 ? authority.length() : end;
      if (end == 0 || !consistsOf(authority, 0, end, NAME_CHARACTERS)) {
        return false;
      }
    }
    if (end == authority.length()) {
      return true;
    }
    return authority.charAt(end) == ':'
        && authority.length() - end <= 6
        && consistsOf(authority, end + 1, authority.length(), "0123456789");
  }

  private static boolean consistsOf(String text, int from, int to, String alphabet) {
    for (int i = from; i < to; i++) {
      if (alphabet.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  private static RequestTarget originForm(String raw, int start, @Nullable String authority) {
    boolean normal = true;
    int i = start;
    char before = 0;
    for (; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '?') {
        break;
      }
      if (c <= ' ' || c >= 0x7f) {
        return BYTES;
      }
      switch (c) {
        case '#' -> {
          return FRAGMENT;
        }
        case '\\' -> {
          return BACKSLASH;
        }
        case '%', ';' -> normal = false;
        // An element that is empty, or that starts with a dot and is perhaps a dot segment.
        case '/', '.' -> normal &= before != '/';
        default -> {}
      }
      before = c;
    }
    int pathEnd = i;
    for (; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        return BYTES;
      }
      if (c == '#') {
        return FRAGMENT;
      }
    }
    if (!normal) {
      return new PathNormaliser(raw, start, pathEnd, authority).normalise();
    }
    String target = start == 0 ? raw : raw.substring(start);
    if (pathEnd == raw.length()) {
      return new Accepted(target, target, null, target, authority);
    }
    String path = raw.substring(start, pathEnd);
    return new Accepted(path, path, raw.substring(pathEnd + 1), target, authority);
  }

  private TargetParser() {}

  /** What an element without its parameters means. */
  private enum Kind {
    /** A name like others. */
    NAME,
    /** {@code .} or nothing: dropped. */
    HERE,
    /** {@code ..}: dropped with the one before it. */
    UP
  }

  /** Takes one path apart, element by element. */
  private static final class PathNormaliser {
    private final String raw;
    private final int start;
    private final int end;
    private final @Nullable String authority;

    /** What goes upstream and what is matched, both with a slash before each element. */
    private final StringBuilder path;

    private final StringBuilder match;

    /** Scratch of {@link #hidesDots}. */
    private final StringBuilder decoded = new StringBuilder();

    PathNormaliser(String raw, int start, int end, @Nullable String authority) {
      this.raw = raw;
      this.start = start;
      this.end = end;
      this.authority = authority;
      this.path = new StringBuilder(end - start);
      this.match = new StringBuilder(end - start);
    }

    RequestTarget normalise() {
      int from = start + 1;
      while (true) {
        int to = raw.indexOf('/', from);
        boolean last = to < 0 || to >= end;
        Rejected rejected = element(from, last ? end : to, last);
        if (rejected != null) {
          return rejected;
        }
        if (last) {
          return accepted();
        }
        from = to + 1;
      }
    }

    private @Nullable Rejected element(int from, int to, boolean last) {
      int mark = match.length();
      match.append('/');
      boolean parameters = false;
      boolean slashes = false;
      for (int i = from; i < to; i++) {
        char c = raw.charAt(i);
        int code = c;
        if (c == '%') {
          code = escape(i, to);
          Rejected rejected = refuse(code);
          if (rejected != null) {
            return rejected;
          }
          i += 2;
        }
        // Also encoded: upstreams differ in whether they decode before they cut parameters off.
        parameters |= code == ';';
        boolean slash = code == '/' || code == '\\';
        slashes |= slash;
        if (parameters) {
          continue;
        }
        if (c == '%' && (code >= 0x7f || code == '%' || slash)) {
          match.append('%').append(upper(i - 1)).append(upper(i));
        } else {
          match.append((char) code);
        }
      }
      if (slashes && hidesDots(from, to)) {
        return ENCODED_DOTS;
      }
      return switch (kind(mark + 1)) {
        case NAME -> {
          path.append('/').append(raw, from, to);
          yield null;
        }
        case HERE -> {
          match.setLength(mark);
          endAt(last);
          yield null;
        }
        case UP -> {
          if (parameters) {
            yield DOTS_WITH_PARAMETERS;
          }
          match.setLength(mark);
          climb(match);
          climb(path);
          endAt(last);
          yield null;
        }
      };
    }

    /**
     * Whether an upstream that decodes slashes before it takes the path apart would find a dot
     * segment in an element, and so another path than the one that was matched. Parameters are cut
     * off as servlet containers do.
     */
    private boolean hidesDots(int from, int to) {
      int start = decoded.length();
      for (int i = from; i < to; i++) {
        int code = raw.charAt(i);
        if (code == '%') {
          code = escape(i, to);
          i += 2;
        }
        decoded.append((char) (code == '\\' ? '/' : code));
      }
      boolean found = false;
      while (start <= decoded.length() && !found) {
        int slash = decoded.indexOf("/", start);
        int end = slash < 0 ? decoded.length() : slash;
        int cut = decoded.indexOf(";", start);
        int length = (cut >= 0 && cut < end ? cut : end) - start;
        found =
            (length == 1 || length == 2)
                && decoded.charAt(start) == '.'
                && decoded.charAt(start + length - 1) == '.';
        start = end + 1;
      }
      decoded.setLength(0);
      return found;
    }

    /** What the element that ends {@link #match} is. */
    private Kind kind(int from) {
      int length = match.length() - from;
      if (length == 0 || (length == 1 && match.charAt(from) == '.')) {
        return Kind.HERE;
      }
      boolean up = length == 2 && match.charAt(from) == '.' && match.charAt(from + 1) == '.';
      return up ? Kind.UP : Kind.NAME;
    }

    /** A last element that is dropped leaves the slash before it. */
    private void endAt(boolean last) {
      if (last) {
        match.append('/');
        path.append('/');
      }
    }

    /** Removes the last element; above the root is the root (RFC 3986 §5.2.4). */
    private static void climb(StringBuilder path) {
      path.setLength(Math.max(0, path.lastIndexOf("/")));
    }

    private static @Nullable Rejected refuse(int code) {
      if (code < 0) {
        return ESCAPE;
      }
      if (code < 0x20 || code == 0x7f) {
        return ENCODED_CONTROL;
      }
      return null;
    }

    /** The byte that is encoded at {@code i}, or -1. */
    private int escape(int i, int to) {
      if (i + 2 >= to) {
        return -1;
      }
      int high = Character.digit(raw.charAt(i + 1), 16);
      int low = Character.digit(raw.charAt(i + 2), 16);
      return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private char upper(int i) {
      char digit = raw.charAt(i);
      return digit >= 'a' ? (char) (digit - 0x20) : digit;
    }

    private Accepted accepted() {
      String query = end == raw.length() ? null : raw.substring(end + 1);
      boolean same = path.length() == end - start && raw.startsWith(path.toString(), start);
      String original = start == 0 ? raw : raw.substring(start);
      String target = same ? original : query == null ? path.toString() : path + "?" + query;
      String forwarded = query == null ? target : target.substring(0, path.length());
      return new Accepted(forwarded, match.toString(), query, target, authority);
    }
  }
}
