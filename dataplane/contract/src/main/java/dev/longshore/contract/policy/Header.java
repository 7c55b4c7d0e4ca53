package dev.longshore.contract.policy;

import dev.longshore.contract.Secret;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A header to set, to exactly one of the two.
 *
 * @param name a token (RFC 9110 §5.6.2)
 * @param value without control bytes; null: it is secret
 * @param secret a value that is shown and kept nowhere; null: it isn't
 */
public record Header(String name, @Nullable String value, @Nullable Secret secret) {
  /** What stands in place of a value. */
  public static final String REDACTED = "[redacted]";

  /** Names of which a value lets in whoever has it: at their end, or whole. */
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "(.*[-_.])?(authorization|cookie|token|secret|passwd|password|credentials?|jwt"
              + "|(api|access|account|auth|functions|private|secret|subscription)[-_.]?key)",
          Pattern.CASE_INSENSITIVE);

  /**
   * Checks that there is one value.
   *
   * @throws IllegalArgumentException if there is none, or another
   */
  public Header {
    if ((value == null) == (secret == null)) {
      throw new IllegalArgumentException("a header has exactly one of value and secret");
    }
  }

  /** One whose value stands in a manifest. */
  public Header(String name, String value) {
    this(name, value, null);
  }

  /** One whose value was kept from sight. */
  public static Header secret(String name, Secret secret) {
    return new Header(name, null, secret);
  }

  /** The value, whichever it is; never to be logged, or put where it could be. */
  public String reveal() {
    return secret == null ? Objects.requireNonNull(value) : secret.reveal();
  }

  /** Whether it is secret, or is called like something that should be. */
  public boolean isCredential() {
    return secret != null || CREDENTIAL.matcher(name).matches();
  }

  /** Without the value, which may be a credential. */
  @Override
  public String toString() {
    return name + ": " + REDACTED;
  }
}
