package dev.longshore.operator.translate.policy;

import java.io.Serial;

/** A value is right, and asks for what this version doesn't serve. */
final class UnsupportedValueException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1L;

  UnsupportedValueException() {
    super("is not served by this version, and ignoring it would be wrong: remove it");
  }
}
