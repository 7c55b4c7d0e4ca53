package dev.longshore.contract;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in an entry that is being checked, and the checks that several places have in common. Its
 * path is only put together when something is wrong there.
 */
public final class Field {
  private final EntryRef entry;
  private final @Nullable Field parent;
  private final String name;
  private final Collection<SnapshotError> errors;

  private Field(
      EntryRef entry, @Nullable Field parent, String name, Collection<SnapshotError> errors) {
    this.entry = entry;
    this.parent = parent;
    this.name = name;
    this.errors = errors;
  }

  /** The entry as a whole; errors go to the collection. */
  static Field of(EntryRef entry, Collection<SnapshotError> errors) {
    return new Field(entry, null, "", errors);
  }

  /** A field of what is here. */
  public Field at(String field) {
    return new Field(entry, this, "." + field, errors);
  }

  /** An item of what is here, from 0. */
  public Field at(int index) {
    return new Field(entry, this, "[" + index + "]", errors);
  }

  /** Reports; {@code expected} completes "must be". */
  public void mustBe(String expected, Object found) {
    wrong("is " + Quoted.of(String.valueOf(found)) + "; must be " + expected);
  }

  /** Reports a problem, which goes on after the path. */
  public void wrong(String problem) {
    errors.add(new SnapshotError(entry, path(), problem));
  }

  /** A number has bounds. */
  public void within(int value, int min, int max) {
    if (value < min || value > max) {
      mustBe(min + " to " + max, value);
    }
  }

  /** What may come at once is at least 1 where there is a rate. */
  public void burst(int rate, int burst) {
    if (rate > 0 && burst == 0) {
      wrong("is 0, so nothing would ever pass; must be at least 1 beside a rate");
    }
  }

  /** A duration is one that can be written: whole milliseconds from 0 to 399,996 h. */
  public void duration(Duration duration) {
    if (!Durations.representable(duration)) {
      mustBe(Syntax.DURATION, duration);
    }
  }

  /** A duration can be written, and is above 0. */
  public void positive(Duration duration) {
    duration(duration);
    if (!duration.isPositive()) {
      mustBe("above 0s", duration);
    }
  }

  /** A list has a bound. */
  public void atMost(List<?> list, int max) {
    if (list.size() > max) {
      wrong("has " + list.size() + " entries; at most " + max + " are possible");
    }
  }

  /** Address ranges are few, and in canonical form. */
  public void ranges(List<Cidr> ranges, int max) {
    atMost(ranges, max);
    for (int i = 0; i < ranges.size(); i++) {
      String text = ranges.get(i).text();
      try {
        String canonical = Cidr.parse(text).text();
        if (!canonical.equals(text)) {
          at(i).mustBe("in canonical form: " + canonical, text);
        }
      } catch (IllegalArgumentException e) {
        at(i).mustBe("a range such as 10.0.0.0/8 or 2001:db8:0:0:0:0:0:0/32", text);
      }
    }
  }

  /** A token of HTTP (RFC 9110 §5.6.2). */
  public void token(String text) {
    if (!Syntax.isToken(text)) {
      mustBe(Syntax.TOKEN, text);
    }
  }

  /** The name of a header that may be edited. */
  public void headerName(String name) {
    token(name);
    if (Syntax.isOwnHeader(name)) {
      wrong(
          "is "
              + Quoted.of(name)
              + "; the data plane keeps Host (see rewrite.host), the framing headers, Connection,"
              + " Upgrade and Sec-WebSocket-* itself");
    }
  }

  /** The value of a header. It is not repeated: it may be a credential for the upstream. */
  public void headerValue(String value) {
    if (!Syntax.isFieldValue(value)) {
      wrong("must be " + Syntax.FIELD_VALUE);
    }
  }

  /** What may stand in a Host header. */
  public void authority(String authority) {
    if (!Syntax.isAuthority(authority)) {
      mustBe("a lower-case host name, optionally with a port, such as chat.internal", authority);
    }
  }

  /** A path as it may stand in a request line. */
  public void absolutePath(String path) {
    if (!Syntax.isAbsolutePath(path)) {
      mustBe("a path of at most 1,024 characters that begins with /", path);
    }
  }

  /** A text without upper case. */
  public void lowerCase(String text) {
    if (!Syntax.isLowerCase(text)) {
      mustBe("in lower case", text);
    }
  }

  /** An Origin, or one with a wildcard for its first label. */
  public void origin(String origin) {
    if (!Syntax.isOrigin(origin)) {
      mustBe(
          "a lower-case origin such as https://chat.example.com or https://*.example.com", origin);
    }
  }

  /** What a server may send in a Close (RFC 6455 §7.4). */
  public void closeCode(int code) {
    if (!Syntax.isSendable(code)) {
      mustBe(
          "a code that a server may send (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1009,"
              + " 1011 to 1014 or 3000 to 4999",
          code);
    }
  }

  private String path() {
    return parent == null ? entry.path() : parent.path() + name;
  }
}
