package dev.longshore.proxy.tls;

import java.util.function.Supplier;

/** A certificate or key that no context can be made of. The message says nothing of a key. */
final class UnusableTlsException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;

  UnusableTlsException(String field, String message, Throwable cause) {
    super(message, cause);
    this.field = field;
  }

  /** The field of the entry that is wrong. */
  String field() {
    return field;
  }

  /** What the reader gives; its IllegalArgumentException is the field's. */
  static <T> T in(String field, Supplier<T> reader) throws UnusableTlsException {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      throw new UnusableTlsException(field, String.valueOf(e.getMessage()), e);
    }
  }
}
