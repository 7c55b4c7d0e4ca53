package dev.longshore.contract;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value that no log, status or dump may show. Only the push codec and its user call {@link
 * #reveal()}. Not a record, because whoever writes records by their components would show it.
 */
public final class Secret {
  private final String value;

  /** Keeps a value from sight. */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value);
  }

  /** The value; never to be logged, or put where it could be. */
  public String reveal() {
    return value;
  }

  /** In a time that does not tell where two values differ. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Always the same, so that not even the length is told. */
  @Override
  public String toString() {
    return "[redacted]";
  }
}
