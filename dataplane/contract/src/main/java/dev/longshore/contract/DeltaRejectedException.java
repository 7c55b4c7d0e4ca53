package dev.longshore.contract;

import java.io.Serial;

/** A delta does not fit the snapshot it was to be applied to; the whole snapshot is needed. */
public final class DeltaRejectedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  DeltaRejectedException(String message) {
    super(message);
  }
}
